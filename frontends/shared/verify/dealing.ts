// Whether a day's units were dealt to the lanes by the public rule (section 2).  通道配额

import { bigEndian, H, join, numberOf, type Bytes } from './bytes.ts'
import type { Config, TopUp } from './config.ts'
import { must } from './wrong.ts'

/** The lane that unit `u` of a tier goes to on a day. */
export function laneOfUnit(root: Bytes, day: number, tier: number, u: number, lanes: number): number {
  const named = join(root, bigEndian(day, 4), Uint8Array.of(tier), bigEndian(u, 4))
  return Number(numberOf(H('unit', named).slice(0, 8)) % BigInt(lanes))
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
  for (let u = from; u < from + units; u++) {
    const lane = laneOfUnit(config.dealingRoot, day, tier, u, config.lanes)
    dealt.set(lane, (dealt.get(lane) ?? 0) + 1)
  }
  return dealt
}
