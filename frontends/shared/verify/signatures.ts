// Signatures and verifiable randomness on edwards25519: RFC 8032 and RFC 9381.  签名与随机证明
//
// The curve is @noble/ed25519; what stands here is how docs/lottery.md, sections 1 and 6, use it.

import { hashes, Point, verify } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { ascii, join, numberOf, same, type Bytes } from './bytes.ts'

hashes.sha512 = (message) => sha512(message)

const ORDER = Point.CURVE().n
const SUITE = 0x03
const ENCODE = 0x01
const CHALLENGE = 0x02
const OUTPUT = 0x03
const END = 0x00

export type Purpose =
  | 'config/platform' | 'config/approver' | 'seal' | 'receipt/entry' | 'manifest' | 'epoch'

/** Whether `key` signed exactly these bytes, with nothing before them. */
export function signedBare(key: Bytes, message: Bytes, signature: Bytes): boolean {
  return verify(signature, message, key, { zip215: false })
}

/** Whether `key` signed the message for this purpose of the draw. */
export function signed(key: Bytes, purpose: Purpose, message: Bytes, signature: Bytes): boolean {
  const framed = join(ascii(`lotto/v1/${purpose}`), Uint8Array.of(0), message)
  return signedBare(key, framed, signature)
}

function pointOf(bytes: Bytes): Point | null {
  try {
    return Point.fromBytes(bytes)
  } catch {
    return null
  }
}

function littleEndian(bytes: Bytes): bigint {
  return numberOf(bytes.slice().reverse())
}

function hash(kind: number, ...parts: Bytes[]): Bytes {
  return sha512(join(Uint8Array.of(SUITE, kind), ...parts, Uint8Array.of(END)))
}

// Try and increment: the first hash that is a point, times the cofactor (RFC 9381, 5.4.1.1).
function encodeToCurve(key: Bytes, alpha: Bytes): Point | null {
  for (let counter = 0; counter < 256; counter++) {
    const point = pointOf(hash(ENCODE, key, alpha, Uint8Array.of(counter)).slice(0, 32))
    const cleared = point?.clearCofactor()
    if (cleared && !cleared.is0()) return cleared
  }
  return null
}

/** beta (64 bytes) when `pi` proves `alpha` under `key`; null when it proves nothing. */
export function vrfVerify(key: Bytes, alpha: Bytes, pi: Bytes): Bytes | null {
  if (pi.length !== 80) return null
  const Y = pointOf(key)
  const gamma = pointOf(pi.slice(0, 32))
  const challenge = pi.slice(32, 48)
  const s = littleEndian(pi.slice(48))
  if (!Y || !gamma || s >= ORDER || Y.isSmallOrder()) return null
  const encoded = encodeToCurve(key, alpha)
  if (!encoded) return null
  const c = littleEndian(challenge)
  const U = Point.BASE.multiplyUnsafe(s).subtract(Y.multiplyUnsafe(c))
  const V = encoded.multiplyUnsafe(s).subtract(gamma.multiplyUnsafe(c))
  const points = [encoded, gamma, U, V].map((point) => point.toBytes())
  if (!same(hash(CHALLENGE, key, ...points).slice(0, 16), challenge)) return null
  return hash(OUTPUT, gamma.clearCofactor().toBytes())
}

/** What a signer of a round proves: "N" is the notary, "W" the auditor. */
export function alphaOf(role: 'N' | 'W', sealHash: Bytes): Bytes {
  return join(ascii(`lotto/v1/vrf/${role}`), Uint8Array.of(0), sealHash)
}
