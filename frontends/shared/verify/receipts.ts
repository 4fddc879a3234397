// What a consumer holds: the entry receipt and the outcome receipt (sections 4 and 9).  凭证

import { bigEndian, H, join, numberOf, same, type Bytes } from './bytes.ts'
import { spell, type Json } from './canonical.ts'
import { readCheckpoint, type Checkpoint } from './checkpoint.ts'
import { epochStartHash, readTable, type Config, type Day } from './config.ts'
import { outcomeOf, sealHash, seedOf, talliesHold, type Drawn, type Table } from './drawing.ts'
import type { Declared } from './epoch.ts'
import { ENTRY_BYTES, readEntry, readFinal, readSeal } from './layouts.ts'
import type { Entry, Final, Seal } from './layouts.ts'
import { Reading, type Members } from './reading.ts'
import { alphaOf, signed, vrfVerify } from './signatures.ts'
import { leafHash, rootByPath } from './trees.ts'
import { must } from './wrong.ts'

export interface EntryReceipt {
  entry: Entry
  cfgHash: Bytes
  enteredMs: number
  promiseS: number
}

export interface OutcomeReceipt {
  entry: Entry
  path: Bytes[]
  seal: Seal
  sealHash: Bytes
  final: Final
  table: unknown
  outcome: { tier: number; kept: boolean }
  log: { index: bigint; size: bigint; path: Bytes[]; checkpoint: string } | null
}

const OUTCOME_FORMAT = 'huiquan/outcome-receipt/1'
const ENTRY_MEMBERS = [
  'day', 'lane', 'idx', 'entry', 'cfg_hash', 'entered_at', 'promise',
  'signature', 'platform_key', 'index', 'size', 'path',
]
const OUTCOME_MEMBERS = ['format', 'entry', 'path', 'seal', 'final', 'table', 'outcome', 'log']
const U32 = 0xffffffff
const SAFE = Number.MAX_SAFE_INTEGER

const read = new Reading('unreadable')

/** Check an entry receipt: it says what its entry says, and the platform signed its batch. */
export function checkEntryReceipt(value: unknown, platformKey: Bytes): EntryReceipt {
  const found = read.exactly(value, ENTRY_MEMBERS, 'entry_receipt')
  const entry = readEntry(read.hex(found['entry'], 'entry_receipt.entry', ENTRY_BYTES))
  must(found['day'] === entry.day, 'wrong_entry', 'entry_receipt.day')
  must(found['lane'] === entry.lane, 'wrong_entry', 'entry_receipt.lane')
  must(found['idx'] === Number(entry.idx), 'wrong_entry', 'entry_receipt.idx')
  const cfgHash = read.hex(found['cfg_hash'], 'entry_receipt.cfg_hash', 32)
  const enteredMs = read.time(found['entered_at'], 'entry_receipt.entered_at')
  const promiseS = read.whole(found['promise'], 'entry_receipt.promise', 0, U32)
  const key = read.hex(found['platform_key'], 'entry_receipt.platform_key', 32)
  must(same(key, platformKey), 'keys_differ', 'entry_receipt.platform_key')
  const statement = join(cfgHash, entry.raw, bigEndian(enteredMs, 8), bigEndian(promiseS, 4))
  checkBatch(found, statement, platformKey)
  return { entry, cfgHash, enteredMs, promiseS }
}

function checkBatch(found: Members, statement: Bytes, platformKey: Bytes): void {
  const index = read.whole(found['index'], 'entry_receipt.index', 0, U32)
  const size = read.whole(found['size'], 'entry_receipt.size', 1, U32)
  const path = read.path(found['path'], 'entry_receipt.path')
  const root = rootByPath(leafHash(statement), BigInt(index), BigInt(size), path)
  must(root, 'bad_signature', 'entry_receipt.path')
  const signature = read.hex(found['signature'], 'entry_receipt.signature', 64)
  const message = join(bigEndian(size, 4), root)
  const right = signed(platformKey, 'receipt/entry', message, signature)
  must(right, 'bad_signature', 'entry_receipt.signature')
}

/** Read an outcome receipt; what it says is not checked yet. */
export function readOutcomeReceipt(value: unknown): OutcomeReceipt {
  const found = read.exactly(
    'log' in read.members(value, 'outcome_receipt') ? value : { ...(value as Members), log: null },
    OUTCOME_MEMBERS,
    'outcome_receipt',
  )
  must(found['format'] === OUTCOME_FORMAT, 'unreadable', 'outcome_receipt.format')
  const seal = readSeal(read.hex(found['seal'], 'outcome_receipt.seal'))
  const final = read.hex(found['final'], 'outcome_receipt.final')
  const outcome = read.exactly(found['outcome'], ['tier', 'kept'], 'outcome_receipt.outcome')
  must(typeof outcome['kept'] === 'boolean', 'unreadable', 'outcome_receipt.outcome.kept')
  return {
    entry: readEntry(read.hex(found['entry'], 'outcome_receipt.entry', ENTRY_BYTES)),
    path: read.path(found['path'], 'outcome_receipt.path'),
    seal,
    sealHash: sealHash(seal.raw),
    final: readFinal(final, seal.leftBefore.length),
    table: found['table'],
    outcome: {
      tier: read.whole(outcome['tier'], 'outcome_receipt.outcome.tier', 0, 255),
      kept: outcome['kept'],
    },
    log: readLog(found['log']),
  }
}

function readLog(value: unknown): OutcomeReceipt['log'] {
  if (value === null) return null
  const found = read.exactly(value, ['index', 'size', 'path', 'checkpoint'], 'outcome_receipt.log')
  return {
    index: BigInt(read.whole(found['index'], 'outcome_receipt.log.index', 0, SAFE)),
    size: BigInt(read.whole(found['size'], 'outcome_receipt.log.size', 1, SAFE)),
    path: read.path(found['path'], 'outcome_receipt.log.path'),
    checkpoint: read.text(found['checkpoint'], 'outcome_receipt.log.checkpoint'),
  }
}

/** Check that the entry stood in the sealed list, in its own lane, of this config and day. */
export function checkSealed(receipt: OutcomeReceipt, config: Config): Day {
  const { entry, seal, final } = receipt
  must(same(seal.cfgHash, config.hash), 'config_unknown', 'seal.cfg_hash')
  must(seal.epoch === config.epoch, 'chain_broken', 'seal.epoch')
  must(seal.leftBefore.length === config.tiers.length, 'config_unknown', 'seal.k')
  must(seal.count <= config.roundMax, 'wrong_count', 'seal.count')
  must(entry.lane === seal.lane && entry.day === seal.day, 'wrong_entry', 'seal.lane')
  const byHash = numberOf(H('lane', epochStartHash(config), entry.pid).slice(0, 8))
  must(byHash % BigInt(config.lanes) === BigInt(entry.lane), 'wrong_lane', 'entry.lane')
  const place = entry.idx - seal.firstIdx
  const root = rootByPath(leafHash(entry.raw), place, BigInt(seal.count), receipt.path)
  must(root && same(root, seal.root), 'wrong_root', 'outcome_receipt.path')
  must(same(final.sealHash, receipt.sealHash), 'chain_broken', 'final.seal_hash')
  const day = config.days[String(entry.day)]
  must(day?.tables[entry.pack], 'unknown_pack', 'entry.pack')
  checkStock(seal, day)
  return day
}

// Nobody outside sees the rounds before, but stock can never exceed what was topped up so far.
function checkStock(seal: Seal, day: Day): void {
  const most = seal.leftBefore.map(() => 0)
  for (const topUp of day.topUps) {
    if (topUp.lane === seal.lane && topUp.slot <= seal.slot) most[topUp.tier - 1]! += topUp.units
  }
  const within = seal.leftBefore.every((left, at) => left <= most[at]!)
  must(within, 'wrong_stock', 'seal.left_before')
}

/** Check one signer's proof over the seal; the bytes that only they could have made. */
export function checkSigner(receipt: OutcomeReceipt, config: Config, role: 'N' | 'W'): Bytes {
  const key = role === 'N' ? config.keys.notary : config.keys.auditor
  const pi = role === 'N' ? receipt.final.notaryProof : receipt.final.auditorProof
  const beta = vrfVerify(key, alphaOf(role, receipt.sealHash), pi)
  must(beta, 'bad_proof', role === 'N' ? 'final.pi_notary' : 'final.pi_auditor')
  return beta
}

/** Draw this one entry again, from both proofs; refuse another outcome than the receipt's. */
export function checkOutcome(
  receipt: OutcomeReceipt,
  tables: Day['tables'],
  tiers: Config['tiers'],
  betas: { notary: Bytes; auditor: Bytes },
): Drawn {
  const { entry, final, seal } = receipt
  const seed = seedOf(receipt.sealHash, betas.notary, betas.auditor)
  must(same(seed, final.seed), 'wrong_draw', 'final.seed')
  must(talliesHold(final, seal.leftBefore, seal.count), 'wrong_draw', 'final.kept')
  const table = tables[entry.pack]!
  checkTable(receipt.table, table, entry.pack, tiers)
  const drawn = outcomeOf(entry, final, table)
  const said = receipt.outcome
  must(said.tier === drawn.tier && said.kept === drawn.kept, 'wrong_draw', 'outcome')
  return drawn
}

function checkTable(value: unknown, table: Table, pack: number, tiers: Config['tiers']): void {
  const reading = new Reading('wrong_table')
  const shown = readTable(value, 'outcome_receipt.table', pack, tiers, reading)
  const plain = (rows: Table) =>
    spell(rows.map((row) => [numberOf(row.bound).toString(), row.tier]) as Json)
  must(plain(shown) === plain(table), 'wrong_table', 'outcome_receipt.table')
}

/** Check that the round stands in the public log under a cosigned checkpoint. */
export function checkLog(
  receipt: OutcomeReceipt,
  config: Config,
  declared?: Declared,
): Checkpoint {
  const log = receipt.log!
  const checkpoint = readCheckpoint(log.checkpoint, config, declared)
  must(checkpoint.size === log.size, 'log_broken', 'log.size')
  const leaf = leafHash(join(receipt.seal.raw, receipt.final.raw))
  const root = rootByPath(leaf, log.index, log.size, log.path)
  must(root && same(root, checkpoint.root), 'not_logged', 'log.path')
  return checkpoint
}
