// Canonical JSON (RFC 8785): one content has one spelling.  规范 JSON

import { utf8 } from './bytes.ts'

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** Spell a value canonically: names sorted by UTF-16 units, numbers as ECMAScript writes them. */
export function spell(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(spell).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${spell(value[name]!)}`).join(',')}}`
}

/** The value behind a canonical text; undefined when the text is anything else. */
export function readCanonical(text: string): Json | undefined {
  if (utf8(text) === null) return undefined
  try {
    const value = JSON.parse(text) as Json
    // A name that stands twice, or a number that is too exact, does not come out again.
    return spell(value) === text && isWhole(value) ? value : undefined
  } catch {
    return undefined
  }
}

// An escaped half of a character pair survives spelling, but RFC 8785 knows no such text.
function isWhole(value: Json): boolean {
  if (typeof value === 'string') return utf8(value) !== null
  if (Array.isArray(value)) return value.every(isWhole)
  if (value === null || typeof value !== 'object') return true
  return Object.keys(value).every((name) => utf8(name) !== null && isWhole(value[name]!))
}
