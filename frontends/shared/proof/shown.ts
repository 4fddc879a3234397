// What a check found, as people read it: shares of 100, fingerprints, rows of facts.  展示

import { yuanShort } from '../money'
import { dayFromNumber, dayAndMinute, hourMinuteSecond } from '../time'
import { H, numberOf, toHex, type Bytes } from '../verify/bytes'
import { chancesOf, type Config } from '../verify/config'
import type { Facts } from '../verify/proof'
import { p } from './words'

export interface Row {
  name: string
  value: string
  /** Long values stand below their name, and may break anywhere. */
  long?: boolean
}

const WHOLE = BigInt(1) << BigInt(64)
const HALF = BigInt(1) << BigInt(63)
const MILLIONTHS = BigInt(100_000_000)
const GROUPS = 6
const GROUP_BYTES = 5
const GROUP_VALUES = BigInt(100_000)

/** A part of 2^64 as a share of 100 with up to six decimals, rounded to the nearest. */
export function percent(parts: bigint): string {
  const share = (parts * MILLIONTHS + HALF) / WHOLE
  const text = share.toString().padStart(7, '0')
  const [whole, rest] = [text.slice(0, -6), text.slice(-6).replace(/0+$/, '')]
  return `${whole}${rest ? '.' + rest : ''}%`
}

/** Six groups of five digits, each five bytes of H("print", key): the digits the signers show. */
export function fingerprint(key: Bytes): string {
  const digest = H('print', key)
  const groups = Array.from({ length: GROUPS }, (_, group) =>
    numberOf(digest.slice(group * GROUP_BYTES, (group + 1) * GROUP_BYTES)),
  )
  return groups.map((group) => String(group % GROUP_VALUES).padStart(5, '0')).join(' ')
}

function moment(ms: number): string {
  const at = new Date(ms).toISOString()
  return `${dayAndMinute(at).slice(0, 10)} ${hourMinuteSecond(at)}`
}

function entryOf(facts: Facts) {
  return facts.outcome?.entry ?? facts.receipt?.entry
}

function tierWorth(config: Config, tier: number): string {
  return yuanShort(config.tiers[tier - 1]!.faceFen)
}

/** The chances of the entry's pack, when they were published, and how they were made. */
export function promised(facts: Facts): Row[] {
  const config = facts.config
  const entry = entryOf(facts)
  if (!config) return []
  const table = entry && config.days[String(entry.day)]?.tables[entry.pack]
  const chances = (table ? chancesOf(table) : []).map(({ tier, parts }) => ({
    name: p('chance', {
      face: tierWorth(config, tier),
      threshold: yuanShort(config.tiers[tier - 1]!.thresholdFen),
    }),
    value: percent(parts),
  }))
  return [
    { name: p('published'), value: moment(config.publishedMs) },
    { name: p('active'), value: moment(config.activeMs) },
    ...chances,
    { name: p('formula'), value: config.formulaText, long: true },
    { name: p('configHash'), value: toHex(config.hash), long: true },
  ]
}

/** Every number that went into the chances, as the config spells it. */
export function inputsOf(facts: Facts): string {
  return JSON.stringify(facts.config?.formulaInputs ?? null, null, 1)
}

/** The number that was drawn, the bounds it was held against, and the rank within the tier. */
export function decided(facts: Facts): Row[] {
  const { config, drawn, outcome, receipt } = facts
  const entry = entryOf(facts)
  if (!config || !entry) return []
  const rows: Row[] = [{ name: p('day'), value: dayFromNumber(entry.day) }]
  if (receipt) rows.push({ name: p('entered'), value: moment(receipt.enteredMs) })
  const place = { lane: entry.lane, idx: entry.idx.toString() }
  rows.push({ name: p('place'), value: p('placeText', place) })
  if (!outcome || !drawn) return rows
  rows.push({ name: p('together'), value: p('togetherText', { n: outcome.seal.count }) })
  rows.push({ name: p('number'), value: percent(numberOf(drawn.ticket)) })
  for (const { bound, tier } of config.days[String(entry.day)]!.tables[entry.pack]!) {
    const [share, face] = [percent(numberOf(bound)), tierWorth(config, tier)]
    rows.push({ name: '', value: p('below', { bound: share, face }) })
  }
  const fell = drawn.tier ? p('fellTier', { face: tierWorth(config, drawn.tier) }) : p('fellNone')
  rows.push({ name: p('fell'), value: fell })
  if (drawn.tier) rows.push({ name: p('rank'), value: rankText(facts), long: true })
  rows.push({ name: p('result'), value: resultText(facts) })
  return rows
}

function rankText({ drawn, outcome }: Facts): string {
  const place = drawn!.tier - 1
  const [kept, cut] = [outcome!.final.kept[place]!, outcome!.final.cut[place]!]
  if (cut === 0) return p('rankNone')
  return p(drawn!.kept ? 'rankKept' : 'rankCut', { drawn: kept + cut, kept })
}

function resultText({ config, drawn }: Facts): string {
  if (!drawn!.tier) return p('resultMissed')
  return drawn!.kept ? p('resultWon', { face: tierWorth(config!, drawn!.tier) }) : p('resultCut')
}

/** The four parties with the fingerprints of their keys, and the witnesses of the log. */
export function signers(facts: Facts): Row[] {
  const { config, checkpoint } = facts
  if (!config) return []
  const names = {
    platform: p('platform'),
    approver: p('approver'),
    notary: p('notaryName'),
    auditor: p('auditorName'),
  }
  const rows: Row[] = (Object.keys(names) as Array<keyof typeof names>).map((party) => ({
    name: names[party],
    value: p('fingerprint', { print: fingerprint(config.keys[party]) }),
    long: true,
  }))
  if (!checkpoint) return rows
  rows.push({ name: p('checkpoint'), value: p('checkpointText', { n: checkpoint.size.toString() }) })
  for (const { name, at } of checkpoint.witnesses) {
    rows.push({ name: p('witnesses'), value: p('witnessAt', { name, at: moment(at * 1000) }), long: true })
  }
  return rows
}
