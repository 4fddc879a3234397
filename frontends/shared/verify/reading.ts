// Reads members of JSON that nobody vouches for: each is what the page says, or it is refused.
// 读取成员

import { fromHex, type Bytes } from './bytes.ts'
import { must, type Fault } from './wrong.ts'

export type Members = Record<string, unknown>

/** A reader whose refusals carry one fault; `where` says which member it was. */
export class Reading {
  readonly fault: Fault

  constructor(fault: Fault) {
    this.fault = fault
  }

  members(value: unknown, where: string): Members {
    const holds = typeof value === 'object' && value !== null && !Array.isArray(value)
    must(holds, this.fault, where)
    return value as Members
  }

  /** Members that are exactly these, so that nothing unchecked stands beside them. */
  exactly(value: unknown, names: string[], where: string): Members {
    const found = this.members(value, where)
    for (const name of Object.keys(found)) {
      must(names.indexOf(name) >= 0, this.fault, `${where}.${name}`)
    }
    for (const name of names) must(name in found, this.fault, `${where}.${name}`)
    return found
  }

  list(value: unknown, where: string): unknown[] {
    must(Array.isArray(value), this.fault, where)
    return value
  }

  text(value: unknown, where: string, longest = 100_000): string {
    const holds = typeof value === 'string' && value.length > 0 && value.length <= longest
    must(holds, this.fault, where)
    return value as string
  }

  whole(value: unknown, where: string, least: number, most: number): number {
    const holds = Number.isSafeInteger(value) && least <= (value as number)
    must(holds && (value as number) <= most, this.fault, where)
    return value as number
  }

  hex(value: unknown, where: string, length?: number): Bytes {
    const bytes = fromHex(value, length)
    must(bytes, this.fault, where)
    return bytes
  }

  /** A list of 32-byte hashes. */
  path(value: unknown, where: string): Bytes[] {
    return this.list(value, where).map((each) => this.hex(each, where, 32))
  }

  /** RFC 3339 with its zone, as milliseconds since 1970. */
  time(value: unknown, where: string): number {
    const text = this.text(value, where, 40)
    const ms = RFC_3339.test(text) ? Date.parse(text) : NaN
    must(Number.isFinite(ms), this.fault, where)
    return ms
  }

  /** Members named "1", "2", … without a gap, in order. */
  numbered(value: unknown, where: string, most: number): Members[] {
    const found = this.members(value, where)
    const count = Object.keys(found).length
    must(count > 0 && count <= most, this.fault, where)
    return Array.from({ length: count }, (_, at) =>
      this.members(found[String(at + 1)], `${where}.${at + 1}`),
    )
  }
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/
