// Bytes: hex, base64, big-endian numbers, and H of docs/lottery.md, section 1.  字节与摘要

import { sha256 } from '@noble/hashes/sha2.js'

export type Bytes = Uint8Array

const HEX = /^(?:[0-9a-f]{2})*$/
const SURROGATES = /[\ud800-\udbff][\udc00-\udfff]/g

/** Lower-case hex as bytes, or null. With `length`, exactly so many bytes. */
export function fromHex(text: unknown, length?: number): Bytes | null {
  if (typeof text !== 'string' || !HEX.test(text)) return null
  if (length !== undefined && text.length !== 2 * length) return null
  const bytes = new Uint8Array(text.length / 2)
  for (let at = 0; at < bytes.length; at++) bytes[at] = parseInt(text.substr(2 * at, 2), 16)
  return bytes
}

export function toHex(bytes: Bytes): string {
  let text = ''
  for (const byte of bytes) text += (byte < 16 ? '0' : '') + byte.toString(16)
  return text
}

/** Standard base64 with its padding as bytes, or null; any other spelling is refused. */
export function fromBase64(text: string): Bytes | null {
  try {
    const raw = atob(text)
    if (btoa(raw) !== text) return null
    return Uint8Array.from(raw, (letter) => letter.charCodeAt(0))
  } catch {
    return null
  }
}

/** A text as UTF-8, or null when half a character pair stands in it. */
export function utf8(text: string): Bytes | null {
  if (/[\ud800-\udfff]/.test(text.replace(SURROGATES, ''))) return null
  return new TextEncoder().encode(text)
}

/** The bytes of an ASCII word of our own. */
export function ascii(text: string): Bytes {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}

export function join(...parts: Bytes[]): Bytes {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function same(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && compare(a, b) === 0
}

/** Compare as numbers are compared that stand big-endian in equally long bytes: -1, 0 or 1. */
export function compare(a: Bytes, b: Bytes): number {
  for (let at = 0; at < a.length; at++) {
    if (a[at] !== b[at]) return a[at]! < b[at]! ? -1 : 1
  }
  return 0
}

export function isZero(bytes: Bytes): boolean {
  return bytes.every((byte) => byte === 0)
}

/** A number as `length` big-endian bytes. */
export function bigEndian(value: number | bigint, length: number): Bytes {
  const bytes = new Uint8Array(length)
  let rest = BigInt(value)
  for (let at = length - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 255n)
    rest >>= 8n
  }
  return bytes
}

/** Big-endian bytes as a number. */
export function numberOf(bytes: Bytes): bigint {
  return bytes.length ? BigInt('0x' + toHex(bytes)) : 0n
}

export { sha256 }

/** H(tag, x…) = SHA-256(u8(len(tag)) ‖ tag ‖ x…). */
export function H(tag: string, ...parts: Bytes[]): Bytes {
  return sha256(join(Uint8Array.of(tag.length), ascii(tag), ...parts))
}
