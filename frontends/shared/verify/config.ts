// The config: what was promised at least twelve hours before (section 2).  摇号配置

import { bigEndian, H, numberOf, same, utf8, type Bytes } from './bytes.ts'
import { readCanonical } from './canonical.ts'
import type { Table } from './drawing.ts'
import { Reading, type Members } from './reading.ts'
import { must } from './wrong.ts'

export interface Tier {
  pack: number
  faceFen: number
  thresholdFen: number
}

export interface TopUp {
  slot: number
  lane: number
  tier: number
  units: number
}

export interface Day {
  /** From when the day may not change any more. */
  standsMs: number
  tables: Record<number, Table>
  topUps: TopUp[]
}

export type Party = 'platform' | 'approver' | 'notary' | 'auditor'
export const PARTIES: Party[] = ['platform', 'approver', 'notary', 'auditor']

export interface Config {
  text: string
  hash: Bytes
  campaign: string
  platform: string
  epoch: number
  epochStart: Bytes | null
  lanes: number
  roundMax: number
  packs: number
  tiers: Tier[]
  keys: Record<Party, Bytes>
  origin: string
  quorum: number
  witnesses: Array<{ name: string; key: Bytes }>
  dealingRoot: Bytes
  formulaText: string
  formulaInputs: unknown
  publishedMs: number
  activeMs: number
  days: Record<string, Day>
}

const FORMAT = 'huiquan/draw-config/1'
const MEMBERS = [
  'format', 'campaign', 'platform', 'epoch', 'epoch_start', 'lanes', 'round_max', 'packs', 'tiers',
  'limits', 'keys', 'log', 'dealing', 'exclusion_list_hash', 'source_hash', 'campaign_key',
  'formula', 'published_at', 'active_from', 'days',
]
const TWELVE_HOURS_MS = 12 * 3600 * 1000
const LANES_MOST = 65_536
const TIERS_MOST = 255
const EPOCH_MOST = 0xffff
const U32 = 0xffffffff
const ABOVE_U64 = 1n << 64n
const CODE_LONGEST = 200
const NAME = /^[!-*,-~]+$/
const DECIMAL = /^[1-9]\d{0,19}$/

const read = new Reading('config_flawed')

/** Read a config's text, or refuse with the member that is wrong. */
export function readConfig(text: string): Config {
  const bytes = utf8(text)
  const value = readCanonical(text)
  must(bytes && value !== undefined, 'config_flawed', 'config')
  // Exactly its members, at every depth: another one is no config of this format (section 2).
  const root = read.exactly(value, MEMBERS, 'config')
  must(root['format'] === FORMAT, 'config_flawed', 'config.format')
  for (const name of ['exclusion_list_hash', 'source_hash', 'campaign_key']) {
    read.hex(root[name], `config.${name}`, 32)
  }
  readLimits(root)
  const epochStart = root['epoch_start']
  const lanes = read.whole(root['lanes'], 'config.lanes', 1, LANES_MOST)
  const packs = read.numbered(root['packs'], 'config.packs', TIERS_MOST)
  packs.forEach((pack, at) => {
    const where = `config.packs.${at + 1}`
    read.text(read.exactly(pack, ['code'], where)['code'], `${where}.code`)
  })
  const tiers = readTiers(root, packs.length)
  const dealing = read.exactly(root['dealing'], ['log_size', 'root'], 'config.dealing')
  read.whole(dealing['log_size'], 'config.dealing.log_size', 0, Number.MAX_SAFE_INTEGER)
  const formula = read.exactly(root['formula'], ['text', 'inputs'], 'config.formula')
  return {
    text,
    hash: H('cfg', bytes),
    campaign: read.text(root['campaign'], 'config.campaign', CODE_LONGEST),
    platform: read.text(root['platform'], 'config.platform', CODE_LONGEST),
    epoch: read.whole(root['epoch'], 'config.epoch', 0, EPOCH_MOST),
    epochStart: epochStart === null ? null : read.hex(epochStart, 'config.epoch_start', 32),
    lanes,
    roundMax: read.whole(root['round_max'], 'config.round_max', 1, U32),
    packs: packs.length,
    tiers,
    keys: readKeys(root),
    ...readLog(root),
    dealingRoot: read.hex(dealing['root'], 'config.dealing.root', 32),
    formulaText: read.text(formula['text'], 'config.formula.text'),
    formulaInputs: formula['inputs'],
    publishedMs: read.time(root['published_at'], 'config.published_at'),
    activeMs: read.time(root['active_from'], 'config.active_from'),
    days: readDays(root, lanes, packs.length, tiers),
  }
}

/** Refuse a config that was not published twelve hours before it acts. */
export function checkNotice(config: Config): void {
  const inTime = config.activeMs - config.publishedMs >= TWELVE_HOURS_MS
  must(inTime, 'config_not_in_force', 'config.active_from')
}

/** The hash that a person's lane follows from: that of the config which started the epoch. */
export function epochStartHash(config: Config): Bytes {
  return config.epochStart ?? config.hash
}

function readLimits(root: Members): void {
  const names = ['entries_per_day', 'wins_per_day', 'wins_per_campaign']
  const limits = read.exactly(root['limits'], names, 'config.limits')
  read.whole(limits['entries_per_day'], 'config.limits.entries_per_day', 1, 1)
  read.whole(limits['wins_per_day'], 'config.limits.wins_per_day', 1, 1)
  read.whole(limits['wins_per_campaign'], 'config.limits.wins_per_campaign', 1, U32)
}

function readTiers(root: Members, packs: number): Tier[] {
  return read.numbered(root['tiers'], 'config.tiers', TIERS_MOST).map((each, at) => {
    const where = `config.tiers.${at + 1}`
    const tier = read.exactly(each, ['pack', 'face_fen', 'threshold_fen'], where)
    const faceFen = read.whole(tier['face_fen'], `${where}.face_fen`, 1, U32)
    return {
      pack: read.whole(tier['pack'], `${where}.pack`, 1, packs),
      faceFen,
      thresholdFen: read.whole(tier['threshold_fen'], `${where}.threshold_fen`, faceFen, U32),
    }
  })
}

function readKeys(root: Members): Record<Party, Bytes> {
  const found = read.exactly(root['keys'], PARTIES, 'config.keys')
  const keys = PARTIES.map((party) => read.hex(found[party], `config.keys.${party}`, 32))
  for (let at = 1; at < keys.length; at++) {
    const alone = keys.slice(0, at).every((other) => !same(other, keys[at]!))
    must(alone, 'config_flawed', `config.keys.${PARTIES[at]}`)
  }
  const [platform, approver, notary, auditor] = keys as [Bytes, Bytes, Bytes, Bytes]
  return { platform, approver, notary, auditor }
}

function readLog(root: Members): Pick<Config, 'origin' | 'quorum' | 'witnesses'> {
  const log = read.exactly(root['log'], ['origin', 'quorum', 'witnesses'], 'config.log')
  const witnesses = read.list(log['witnesses'], 'config.log.witnesses').map((each, at) => {
    const where = `config.log.witnesses.${at}`
    const witness = read.exactly(each, ['name', 'key'], where)
    const name = read.text(witness['name'], where)
    must(NAME.test(name), 'config_flawed', where)
    return { name, key: read.hex(witness['key'], where, 32) }
  })
  const names = witnesses.map((witness) => witness.name)
  must(new Set(names).size === names.length, 'config_flawed', 'config.log.witnesses')
  return {
    origin: read.text(log['origin'], 'config.log.origin'),
    quorum: read.whole(log['quorum'], 'config.log.quorum', 1, witnesses.length),
    witnesses,
  }
}

function readDays(root: Members, lanes: number, packs: number, tiers: Tier[]): Config['days'] {
  const days: Config['days'] = {}
  const found = read.members(root['days'], 'config.days')
  for (const day of Object.keys(found)) {
    const where = `config.days.${day}`
    must(/^\d{8}$/.test(day), 'config_flawed', where)
    const stood = 'stands_from' in read.members(found[day], where) ? ['stands_from'] : []
    const one = read.exactly(found[day], ['tables', 'topups', ...stood], where)
    const tables = read.members(one['tables'], where)
    const begins = Date.parse(`${day.replace(/(....)(..)/, '$1-$2-')}T00:00:00+08:00`)
    const stands = one['stands_from']
    const standsMs = stands === undefined ? begins : read.time(stands, where)
    must(standsMs <= begins, 'config_flawed', where)
    const topUps = readTopUps(one['topups'], where, lanes, tiers.length)
    days[day] = { standsMs, tables: {}, topUps }
    for (const name of Object.keys(tables)) {
      const pack = read.whole(Number(name), where, 1, packs)
      must(String(pack) === name, 'config_flawed', where)
      days[day]!.tables[pack] = readTable(tables[name], `${where}.tables.${name}`, pack, tiers)
    }
  }
  return days
}

/** Read one pack's table: bounds rise, each tier stands once and belongs to the pack. */
export function readTable(
  value: unknown,
  where: string,
  pack: number,
  tiers: Tier[],
  reader = read,
): Table {
  let before = 0n
  const seen = new Set<number>()
  return reader.list(value, where).map((each) => {
    const row = reader.list(each, where)
    must(row.length === 2, reader.fault, where)
    const decimal = reader.text(row[0], where)
    must(DECIMAL.test(decimal), reader.fault, where)
    const bound = BigInt(decimal)
    must(bound > before && bound < ABOVE_U64, reader.fault, where)
    const tier = reader.whole(row[1], where, 1, tiers.length)
    must(tiers[tier - 1]!.pack === pack && !seen.has(tier), reader.fault, where)
    seen.add(tier)
    before = bound
    return { bound: bigEndian(bound, 8), tier }
  })
}

function readTopUps(value: unknown, where: string, lanes: number, tiers: number): TopUp[] {
  let before = -1
  return read.list(value, `${where}.topups`).map((each) => {
    const row = read.list(each, `${where}.topups`)
    must(row.length === 4, 'config_flawed', `${where}.topups`)
    const slot = read.whole(row[0], `${where}.topups`, 0, 23)
    const lane = read.whole(row[1], `${where}.topups`, 0, lanes - 1)
    const tier = read.whole(row[2], `${where}.topups`, 1, tiers)
    const units = read.whole(row[3], `${where}.topups`, 1, U32)
    const order = (slot * LANES_MOST + lane) * 256 + tier
    must(order > before, 'config_flawed', `${where}.topups`)
    before = order
    return { slot, lane, tier, units }
  })
}

/** The chance of each tier of a table, in parts of 2^64: what its bound adds to the one before. */
export function chancesOf(table: Table): Array<{ tier: number; parts: bigint }> {
  let before = 0n
  return table.map(({ bound, tier }) => {
    const parts = numberOf(bound) - before
    before = numberOf(bound)
    return { tier, parts }
  })
}
