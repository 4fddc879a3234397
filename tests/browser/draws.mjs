// Draws the rounds that come in and answers each with a digest of all outcomes.  逐轮比对
//
//     node draws.mjs < rounds        one line of hex for each round
//
// A round is a frame: length:u32, then left[3]:u32, packs:u8 with rows:u8 of bound(8) and tier:u8,
// seal_hash(32), beta_N(64), beta_W(64), entries of 80 bytes. Three tiers.

import { bigEndian, join, sha256, toHex } from '../../frontends/shared/verify/bytes.ts'
import { drawRound, outcomeOf, seedOf, tallies } from '../../frontends/shared/verify/drawing.ts'
import { readEntry } from '../../frontends/shared/verify/layouts.ts'

const TIERS = 3
const ZERO = new Uint8Array(32)

function readTables(frame, start) {
  const tables = {}
  let at = start
  const packs = frame[at++]
  for (let pack = 1; pack <= packs; pack++) {
    const rows = frame[at++]
    tables[pack] = Array.from({ length: rows }, () => {
      const row = { bound: frame.slice(at, at + 8), tier: frame[at + 8] }
      at += 9
      return row
    })
  }
  return [tables, at]
}

function readRound(frame) {
  const view = new DataView(frame.buffer, frame.byteOffset)
  const left = Array.from({ length: TIERS }, (_, tier) => view.getUint32(4 * tier))
  let [tables, at] = readTables(frame, 4 * TIERS)
  const next = (length) => frame.slice(at, (at += length))
  const seed = seedOf(next(32), next(64), next(64))
  const entries = []
  while (at < frame.length) entries.push(readEntry(next(80)))
  return { left, tables, seed, entries }
}

// Outcomes in order, then what the final says of the round.
function digest({ left, tables, seed, entries }) {
  const drawn = drawRound(seed, entries, tables, left)
  const sums = tallies(drawn, TIERS)
  const final = { seed, ...sums }
  const parts = []
  drawn.forEach((one, at) => {
    const alone = outcomeOf(entries[at], final, tables[entries[at].pack])
    if (alone.tier !== one.tier || alone.kept !== one.kept) throw new Error(`entry ${at}`)
    parts.push(Uint8Array.of(one.tier, one.kept ? 1 : 0), one.rank ?? ZERO)
  })
  for (const number of [...sums.kept, ...sums.cut]) parts.push(bigEndian(number, 4))
  return toHex(sha256(join(seed, ...parts, ...sums.lastKept)))
}

let held = Buffer.alloc(0)
for await (const chunk of process.stdin) {
  held = held.length ? Buffer.concat([held, chunk]) : chunk
  while (held.length >= 4 && held.length >= 4 + held.readUInt32BE(0)) {
    const end = 4 + held.readUInt32BE(0)
    process.stdout.write(digest(readRound(Uint8Array.from(held.subarray(4, end)))) + '\n')
    held = held.subarray(end)
  }
}
