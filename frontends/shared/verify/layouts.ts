// Entries, seals and finals: the bytes of docs/lottery.md, sections 4, 5 and 7.  字节布局

import { isZero, numberOf, type Bytes } from './bytes.ts'
import { must } from './wrong.ts'

export const ENTRY_BYTES = 80
const SEAL_FIXED = 127
const FINAL_FIXED = 224
const LAST_SLOT = 23

export interface Entry {
  raw: Bytes
  lane: number
  day: number
  idx: bigint
  pack: number
  pid: Bytes
  nonce: Bytes
}

export interface Seal {
  raw: Bytes
  cfgHash: Bytes
  epoch: number
  lane: number
  seq: bigint
  prev: Bytes
  firstIdx: bigint
  count: number
  root: Bytes
  day: number
  slot: number
  leftBefore: number[]
}

export interface Final {
  raw: Bytes
  sealHash: Bytes
  notaryProof: Bytes
  auditorProof: Bytes
  seed: Bytes
  kept: number[]
  cut: number[]
  lastKept: Bytes[]
}

function small(raw: Bytes, at: number, length: number): number {
  return Number(numberOf(raw.slice(at, at + length)))
}

function numbers(raw: Bytes, at: number, count: number): number[] {
  return Array.from({ length: count }, (_, place) => small(raw, at + 4 * place, 4))
}

/** Read the 80 bytes of an entry. */
export function readEntry(raw: Bytes): Entry {
  must(raw.length === ENTRY_BYTES && raw[0] === 1, 'unreadable', 'entry')
  return {
    raw,
    lane: small(raw, 1, 2),
    day: small(raw, 3, 4),
    idx: numberOf(raw.slice(7, 15)),
    pack: raw[15]!,
    pid: raw.slice(16, 32),
    nonce: raw.slice(32, 48),
  }
}

/** Read a seal; its length follows from the number of tiers that it names. */
export function readSeal(raw: Bytes): Seal {
  must(raw.length > SEAL_FIXED && raw[0] === 1, 'unreadable', 'seal')
  const tiers = raw[126]!
  must(tiers > 0 && raw.length === SEAL_FIXED + 4 * tiers, 'unreadable', 'seal.k')
  const seal = {
    raw,
    cfgHash: raw.slice(1, 33),
    epoch: small(raw, 33, 2),
    lane: small(raw, 35, 2),
    seq: numberOf(raw.slice(37, 45)),
    prev: raw.slice(45, 77),
    firstIdx: numberOf(raw.slice(77, 85)),
    count: small(raw, 85, 4),
    root: raw.slice(89, 121),
    day: small(raw, 121, 4),
    slot: raw[125]!,
    leftBefore: numbers(raw, 127, tiers),
  }
  must(seal.slot <= LAST_SLOT, 'wrong_slot', 'seal.slot')
  must(seal.count > 0, 'wrong_count', 'seal.count')
  must((seal.seq === 0n) === isZero(seal.prev), 'chain_broken', 'seal.prev_seal_hash')
  must(seal.seq !== 0n || seal.firstIdx === 0n, 'chain_broken', 'seal.first_idx')
  return seal
}

/** Read the final of a round with so many tiers. */
export function readFinal(raw: Bytes, tiers: number): Final {
  must(raw.length === FINAL_FIXED + 40 * tiers, 'unreadable', 'final')
  const ranksAt = FINAL_FIXED + 8 * tiers
  return {
    raw,
    sealHash: raw.slice(0, 32),
    notaryProof: raw.slice(32, 112),
    auditorProof: raw.slice(112, 192),
    seed: raw.slice(192, 224),
    kept: numbers(raw, FINAL_FIXED, tiers),
    cut: numbers(raw, FINAL_FIXED + 4 * tiers, tiers),
    lastKept: Array.from({ length: tiers }, (_, place) =>
      raw.slice(ranksAt + 32 * place, ranksAt + 32 * (place + 1)),
    ),
  }
}
