// Whether a day's units were dealt to the lanes by the public rule (section 2).  通道配额

import { ascii, bigEndian, join, sha256, type Bytes } from './bytes.ts'
import type { Config, TopUp } from './config.ts'
import { must } from './wrong.ts'

const TAG = ascii('unit')
const TWO_32 = 2 ** 32

/**
 * The lane that each unit of a tier goes to on a day.
 *
 * A day has a hundred thousand units, so the bytes before the unit's number are laid once.
 */
export function laneOfUnits(
  root: Bytes,
  day: number,
  tier: number,
  lanes: number,
): (unit: number) => number {
  const named = join(
    Uint8Array.of(TAG.length), TAG, root, bigEndian(day, 4), Uint8Array.of(tier), new Uint8Array(4),
  )
  const view = new DataView(named.buffer)
  return (unit) => {
    view.setUint32(named.length - 4, unit)
    const hash = new DataView(sha256(named).buffer)
    // u64 mod lanes in two halves: no number here passes 2^53, for lanes are at most 2^16.
    const high = (hash.getUint32(0) % lanes) * (TWO_32 % lanes)
    return (high + hash.getUint32(4)) % lanes
  }
}

/** Deal one tier of a day again; refuse when a lane has other units than the rule gives it. */
export function checkDealing(config: Config, day: number, tier: number): void {
  const topUps = (config.days[day]?.topUps ?? []).filter((each) => each.tier === tier)
  let unit = 0
  for (const slot of new Set(topUps.map((each) => each.slot))) {
    const given = topUps.filter((each) => each.slot === slot)
    const dealt = deal(config, day, tier, unit, sum(given))
    const right = given.every((each) => dealt.get(each.lane) === each.units)
    must(right, 'wrong_stock', `config.days.${day}.topups`)
    unit += sum(given)
  }
}

function sum(topUps: TopUp[]): number {
  return topUps.reduce((total, each) => total + each.units, 0)
}

function deal(
  config: Config,
  day: number,
  tier: number,
  from: number,
  units: number,
): Map<number, number> {
  const dealt = new Map<number, number>()
  const laneOf = laneOfUnits(config.dealingRoot, day, tier, config.lanes)
  for (let u = from; u < from + units; u++) {
    const lane = laneOf(u)
    dealt.set(lane, (dealt.get(lane) ?? 0) + 1)
  }
  return dealt
}
