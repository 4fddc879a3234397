// A signer's key was lost and another declared in its place, once a campaign (section 13).  换钥
//
// The declaration leads from the keys of the old epoch to those of the new one, and says of every
// lane which round is the last of the old and which the first of the new.

import { bigEndian, H, join, same, toHex, utf8, type Bytes } from './bytes.ts'
import { readCanonical } from './canonical.ts'
import { epochStartHash, PARTIES, type Config, type Party } from './config.ts'
import type { Seal } from './layouts.ts'
import { Reading } from './reading.ts'
import { signed } from './signatures.ts'
import { must } from './wrong.ts'

const FORMAT = 'huiquan/epoch-declaration/1'
const MEMBERS = [
  'format', 'campaign', 'platform', 'epoch', 'epoch_start', 'role', 'keys', 'new_key', 'reason',
  'declared_at', 'log', 'lanes', 'voided',
]
const EPOCH = 1
const LANES_MOST = 65536
const SAFE = Number.MAX_SAFE_INTEGER
const FAULT = 'epoch_undeclared'

export type Role = 'notary' | 'auditor'

/** A declaration that platform, remaining signer and new key signed. */
export interface Declared {
  hash: Bytes
  campaign: string
  platform: string
  epoch: number
  epochStart: Bytes
  role: Role
  keys: Record<Party, Bytes>
  newKey: Bytes
  logSize: bigint
  lanes: Array<{ nextSeq: number; nextIdx: number; last: Bytes }>
}

const read = new Reading(FAULT)

/** Read `{declaration, platform, survivor, successor}`; refuse what the three did not sign. */
export function readDeclared(value: unknown): Declared {
  const found = read.exactly(value, ['declaration', 'platform', 'survivor', 'successor'], 'epoch')
  const text = read.text(found['declaration'], 'epoch.declaration', Infinity)
  const declared = readDeclaration(text)
  const { hash, keys, newKey, role } = declared
  const survivor = keys[role === 'notary' ? 'auditor' : 'notary']
  const signers = { platform: keys.platform, survivor, successor: newKey }
  for (const who of ['platform', 'survivor', 'successor'] as const) {
    const signature = read.hex(found[who], `epoch.${who}`, 64)
    must(signed(signers[who], 'epoch', hash, signature), 'bad_signature', `epoch.${who}`)
  }
  return declared
}

function readDeclaration(text: string): Declared {
  const value = readCanonical(text)
  must(value !== undefined, FAULT, 'epoch.declaration')
  const root = read.exactly(value, MEMBERS, 'epoch')
  must(root['format'] === FORMAT, FAULT, 'epoch.format')
  const role = root['role']
  must(role === 'notary' || role === 'auditor', FAULT, 'epoch.role')
  const [keys, newKey] = [readKeys(root['keys']), read.hex(root['new_key'], 'epoch.new_key', 32)]
  must(PARTIES.every((party) => !same(keys[party], newKey)), FAULT, 'epoch.new_key')
  const log = read.exactly(root['log'], ['size', 'root'], 'epoch.log')
  read.hex(log['root'], 'epoch.log.root', 32)
  return {
    hash: H('decl', utf8(text)!),
    campaign: read.text(root['campaign'], 'epoch.campaign'),
    platform: read.text(root['platform'], 'epoch.platform'),
    epoch: read.whole(root['epoch'], 'epoch.epoch', EPOCH, EPOCH),
    epochStart: read.hex(root['epoch_start'], 'epoch.epoch_start', 32),
    role,
    keys,
    newKey,
    logSize: BigInt(read.whole(log['size'], 'epoch.log.size', 0, SAFE)),
    lanes: readLanes(root['lanes']),
  }
}

function readKeys(value: unknown): Record<Party, Bytes> {
  const found = read.exactly(value, PARTIES, 'epoch.keys')
  const key = (party: Party) => read.hex(found[party], `epoch.keys.${party}`, 32)
  return {
    platform: key('platform'),
    approver: key('approver'),
    notary: key('notary'),
    auditor: key('auditor'),
  }
}

function readLanes(value: unknown): Declared['lanes'] {
  const rows = read.list(value, 'epoch.lanes')
  must(rows.length > 0 && rows.length <= LANES_MOST, FAULT, 'epoch.lanes')
  return rows.map((each) => {
    const row = read.list(each, 'epoch.lanes')
    must(row.length === 3, FAULT, 'epoch.lanes')
    return {
      nextSeq: read.whole(row[0], 'epoch.lanes', 0, SAFE),
      nextIdx: read.whole(row[1], 'epoch.lanes', 0, SAFE),
      last: read.hex(row[2], 'epoch.lanes', 32),
    }
  })
}

/** Refuse a config that is neither of the epoch that ended nor of the one that began. */
export function checkLeads(declared: Declared, config: Config): void {
  const isAfter = config.epoch === declared.epoch
  must(isAfter || config.epoch === declared.epoch - 1, FAULT, 'config.epoch')
  for (const party of PARTIES) {
    const key = isAfter && party === declared.role ? declared.newKey : declared.keys[party]
    must(same(config.keys[party], key), 'keys_differ', `config.keys.${party}`)
  }
  const ours = [config.campaign, config.platform, config.lanes, toHex(epochStartHash(config))]
  const theirs = [
    declared.campaign, declared.platform, declared.lanes.length, toHex(declared.epochStart),
  ]
  must(ours.join('\n') === theirs.join('\n'), FAULT, 'config')
}

/** Refuse a round on the wrong side of the change, and a first round that links to another. */
export function checkSide(declared: Declared, seal: Seal): void {
  const start = declared.lanes[seal.lane]
  must(start, 'chain_broken', 'seal.lane')
  const next = BigInt(start.nextSeq)
  if (seal.epoch < declared.epoch) {
    must(seal.seq < next, 'old_key_used', 'seal.epoch')
    return
  }
  must(seal.seq >= next, 'chain_broken', 'seal.seq')
  if (seal.seq !== next) return
  must(seal.firstIdx === BigInt(start.nextIdx), 'chain_broken', 'seal.first_idx')
  must(same(seal.prev, firstLink(declared, seal.lane)), 'chain_broken', 'seal.prev_seal_hash')
}

/** What a lane's first seal of the new epoch names as the one before it. */
export function firstLink(declared: Declared, lane: number): Bytes {
  const start = declared.lanes[lane]!
  if (start.nextSeq === 0) return new Uint8Array(32)
  return H('epoch', join(declared.hash, bigEndian(lane, 2), start.last))
}

/** The key that may cosign nothing at a size of the log: the lost one, behind its declaration. */
export function lostAt(declared: Declared | undefined, size: bigint): Bytes | undefined {
  return declared && size > declared.logSize ? declared.keys[declared.role] : undefined
}

/** The config's witnesses as they stood at a size of the log: the lost key, then the new one. */
export function witnessesAt(
  declared: Declared | undefined,
  config: Config,
  size: bigint,
): Config['witnesses'] {
  if (!declared) return config.witnesses
  const [old, newKey] = [declared.keys[declared.role], declared.newKey]
  const [from, to] = lostAt(declared, size) ? [old, newKey] : [newKey, old]
  return config.witnesses.map((each) => (same(each.key, from) ? { ...each, key: to } : each))
}
