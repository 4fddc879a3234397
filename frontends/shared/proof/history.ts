// Many draws of one person together: the chance of each day, and of winning in none.  历次概率

import { yuanShort } from '../money'
import { numberOf } from '../verify/bytes'
import type { Facts } from '../verify/proof'

/** One day: its chance as parts of 2^64; chance and number as shares of 100. */
export interface OfDay {
  day: number
  parts: bigint
  chance: string
  number: string
  /** The face value of the tier that was drawn, or ''. */
  face: string
  kept: boolean
}

const WHOLE = BigInt(1) << BigInt(64)
const TEN_THOUSANDTHS = BigInt(1_000_000)

/** A part of 2^64 as a share of 100, to the nearest of four decimals. */
function share(parts: bigint): string {
  const rounded = (BigInt(2) * parts * TEN_THOUSANDTHS + WHOLE) / (BigInt(2) * WHOLE)
  const text = rounded.toString().padStart(5, '0')
  const rest = text.slice(-4).replace(/0+$/, '')
  return `${text.slice(0, -4)}${rest ? '.' + rest : ''}%`
}

/** What a checked proof says of its day; null before the draw. */
export function ofDay(facts: Facts): OfDay | null {
  const { config, drawn, outcome } = facts
  if (!config || !drawn || !outcome) return null
  const table = config.days[String(outcome.entry.day)]!.tables[outcome.entry.pack]!
  const parts = table.length ? numberOf(table[table.length - 1]!.bound) : BigInt(0)
  return {
    day: outcome.entry.day,
    parts,
    chance: share(parts),
    number: share(numberOf(drawn.ticket)),
    face: drawn.tier ? yuanShort(config.tiers[drawn.tier - 1]!.faceFen) : '',
    kept: drawn.kept,
  }
}

/** Of 100 people who enter with these chances, how many win in none; exact, then rounded once. */
export function chanceOfNone(chances: bigint[]): number {
  let [none, all] = [BigInt(1), BigInt(1)]
  for (const parts of chances) {
    none *= WHOLE - parts
    all *= WHOLE
  }
  return Number((BigInt(200) * none + all) / (BigInt(2) * all))
}
