// Checkpoints of the public log: C2SP signed notes with cosignatures (section 8).  检查点

import { ascii, fromBase64, join, numberOf, same, sha256, utf8 } from './bytes.ts'
import type { Bytes } from './bytes.ts'
import type { Config } from './config.ts'
import { lostAt, witnessesAt, type Declared } from './epoch.ts'
import { signedBare } from './signatures.ts'
import { must } from './wrong.ts'

const ED25519 = 0x01
const COSIGNATURE = 0x04
// A second that no calendar holds, from the year 9000 on, is no time.
const SECONDS_END = 221_845_392_000n
const DECIMAL = /^(?:0|[1-9]\d{0,18})$/
const LINE = /^— (\S+) (\S+)$/

interface Line {
  name: string
  keyId: Bytes
  rest: Bytes
}

export interface Checkpoint {
  size: bigint
  root: Bytes
  /** The witnesses whose cosignatures hold, with the second at which each signed. */
  witnesses: Array<{ name: string; at: number }>
}

/** Read a checkpoint and count who signed; refuse without the platform or without a quorum. */
export function readCheckpoint(note: string, config: Config, declared?: Declared): Checkpoint {
  const split = note.indexOf('\n\n')
  must(split > 0 && note[note.length - 1] === '\n', 'log_broken', 'checkpoint')
  const text = note.slice(0, split + 1)
  const [origin, decimal, root64, end, ...more] = text.split('\n')
  must(end === '' && more.length === 0, 'log_broken', 'checkpoint')
  must(origin === config.origin, 'log_broken', 'checkpoint.origin')
  must(DECIMAL.test(decimal ?? ''), 'log_broken', 'checkpoint.size')
  const root = fromBase64(root64 ?? '')
  must(root?.length === 32, 'log_broken', 'checkpoint.root')
  const lines = note.slice(split + 2, -1).split('\n').map(readLine)
  const body = utf8(text)
  must(body, 'log_broken', 'checkpoint')
  readPlatform(lines.filter((line) => line.name === config.origin), body, config)
  const others = lines.filter((line) => line.name !== config.origin)
  const size = BigInt(decimal!)
  const lost = lostAt(declared, size)
  const old = others.find((line) => lost && cosignedAt(line, body, lost) !== null)
  must(!old, 'old_key_used', `checkpoint.${old?.name}`)
  const witnesses = readWitnesses(others, body, witnessesAt(declared, config, size))
  const distinct = new Set(witnesses.map((witness) => witness.name)).size
  must(distinct === witnesses.length, 'log_broken', 'checkpoint.witnesses')
  must(distinct >= config.quorum, 'no_quorum', 'checkpoint.witnesses')
  return { size, root: root!, witnesses }
}

function readLine(line: string): Line {
  const [, name, blob64] = LINE.exec(line) ?? []
  const blob = fromBase64(blob64 ?? '')
  must(name && blob && blob.length > 4, 'log_broken', 'checkpoint.signatures')
  return { name, keyId: blob.slice(0, 4), rest: blob.slice(4) }
}

function keyId(name: string, kind: number, key: Bytes): Bytes {
  return sha256(join(utf8(name)!, ascii('\n'), Uint8Array.of(kind), key)).slice(0, 4)
}

/** The second at which the holder of a key cosigned; null if this line is not by that key. */
function cosignedAt(line: Line, body: Bytes, key: Bytes): number | null {
  if (!same(line.keyId, keyId(line.name, COSIGNATURE, key))) return null
  const second = numberOf(line.rest.slice(0, 8))
  const message = join(ascii(`cosignature/v1\ntime ${second}\n`), body)
  const timed = line.rest.length === 72 && second < SECONDS_END
  return timed && signedBare(key, message, line.rest.slice(8)) ? Number(second) : null
}

// Every line must be of a party that the config names, and hold: nothing unchecked stands here.
function readWitnesses(
  lines: Line[],
  body: Bytes,
  named: Config['witnesses'],
): Checkpoint['witnesses'] {
  return lines.map((line) => {
    const where = `checkpoint.${line.name}`
    const witness = named.find((each) => each.name === line.name)
    must(witness, 'log_broken', where)
    const at = cosignedAt(line, body, witness.key)
    must(at !== null, 'log_broken', where)
    return { name: line.name, at }
  })
}

function readPlatform(lines: Line[], body: Bytes, config: Config): void {
  const key = config.keys.platform
  must(lines.length === 1, 'log_broken', 'checkpoint.platform')
  const [line] = lines as [Line]
  const named = same(line.keyId, keyId(config.origin, ED25519, key)) && line.rest.length === 64
  must(named && signedBare(key, body, line.rest), 'log_broken', 'checkpoint.platform')
}
