// The draw itself: a pure function of the sealed entries and two proofs (section 7).  摇号

import { bigEndian, compare, H, isZero, type Bytes } from './bytes.ts'
import type { Entry, Final } from './layouts.ts'

/** A pack's table: bounds as 8 big-endian bytes, so that they compare as tickets do. */
export type Table = Array<{ bound: Bytes; tier: number }>

export interface Drawn {
  ticket: Bytes
  tier: number
  rank: Bytes | null
  kept: boolean
}

const NO_BEACON = Uint8Array.of(0)
const BETA_LENGTH = Uint8Array.of(64)

export function sealHash(seal: Bytes): Bytes {
  return H('seal', seal)
}

export function seedOf(hash: Bytes, betaNotary: Bytes, betaAuditor: Bytes): Bytes {
  return H('seed', hash, BETA_LENGTH, betaNotary, BETA_LENGTH, betaAuditor, NO_BEACON)
}

/** The 8 bytes of an entry's ticket. */
export function ticketOf(seed: Bytes, idx: Bytes, pid: Bytes): Bytes {
  return H('draw', seed, idx, pid).slice(0, 8)
}

export function rankOf(seed: Bytes, idx: Bytes, pid: Bytes): Bytes {
  return H('rank', seed, idx, pid)
}

/** The tier of the first bound above the ticket, or 0. */
export function tierOf(table: Table, ticket: Bytes): number {
  for (const { bound, tier } of table) if (compare(ticket, bound) < 0) return tier
  return 0
}

/** Draw one round: the outcome of each entry, in order; `leftBefore` by tier, from tier 1. */
export function drawRound(
  seed: Bytes,
  entries: Entry[],
  tables: Record<number, Table>,
  leftBefore: number[],
): Drawn[] {
  const drawn: Drawn[] = []
  const ofTier: Drawn[][] = leftBefore.map(() => [])
  for (const entry of entries) {
    const idx = entry.raw.subarray(7, 15)
    const ticket = ticketOf(seed, idx, entry.pid)
    const tier = tierOf(tables[entry.pack]!, ticket)
    const rank = tier ? rankOf(seed, idx, entry.pid) : null
    const one = { ticket, tier, rank, kept: false }
    drawn.push(one)
    if (tier) ofTier[tier - 1]!.push(one)
  }
  ofTier.forEach((winners, place) => {
    winners.sort((a, b) => compare(a.rank!, b.rank!))
    for (const one of winners.slice(0, leftBefore[place])) one.kept = true
  })
  return drawn
}

/** The part of a final that follows from a round's outcomes: kept, cut, last kept ranks. */
export function tallies(drawn: Drawn[], tiers: number): Pick<Final, 'kept' | 'cut' | 'lastKept'> {
  const kept = new Array<number>(tiers).fill(0)
  const cut = new Array<number>(tiers).fill(0)
  const lastKept = Array.from({ length: tiers }, () => new Uint8Array(32) as Bytes)
  for (const one of drawn) {
    if (one.tier === 0) continue
    const place = one.tier - 1
    if (!one.kept) cut[place]!++
    else {
      kept[place]!++
      if (compare(one.rank!, lastKept[place]!) > 0) lastKept[place] = one.rank!
    }
  }
  return { kept, cut, lastKept: lastKept.map((rank, at) => (cut[at] ? rank : new Uint8Array(32))) }
}

/** One person's outcome from entry and final alone, without the rest of the round. */
export function outcomeOf(entry: Entry, final: Final, table: Table): Drawn {
  const idx = bigEndian(entry.idx, 8)
  const ticket = ticketOf(final.seed, idx, entry.pid)
  const tier = tierOf(table, ticket)
  if (tier === 0) return { ticket, tier, rank: null, kept: false }
  const rank = rankOf(final.seed, idx, entry.pid)
  const place = tier - 1
  const within = final.kept[place]! > 0 && compare(rank, final.lastKept[place]!) <= 0
  return { ticket, tier, rank, kept: final.cut[place] === 0 || within }
}

/** What must hold among the numbers of any final, whoever was in the round. */
export function talliesHold(final: Final, leftBefore: number[], count: number): boolean {
  let winners = 0
  for (let place = 0; place < leftBefore.length; place++) {
    const [kept, cut] = [final.kept[place]!, final.cut[place]!]
    const last = final.lastKept[place]!
    winners += kept + cut
    if (kept > leftBefore[place]! || (cut > 0 && kept !== leftBefore[place])) return false
    if (isZero(last) !== (cut === 0 || kept === 0)) return false
  }
  return winners <= count
}
