// Request keys: kept until the question is answered, so that asking twice counts once.  请求号
//
// The whole body is kept with its key, because the same key with another body is refused.

import { forget, keepJson, recallJson } from './keep'

export function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes))
  return Array.from(random, (value) => value.toString(16).padStart(2, '0')).join('')
}

export function newKey(): string {
  return randomHex(16)
}

/** This browser's own mark, made once. Vouchers' codes are bound to it. */
export function deviceMark(): string {
  const known = recallJson<string>('device')
  if (known) return known
  const made = randomHex(16)
  keepJson('device', made)
  return made
}

/** The key of a question that a form asks: the same words ask under the same key until they are
 * answered, so that pressing again after a lost answer counts once. */
export function questionKey(): { of: (words: object) => string; settle: () => void } {
  let asked = ''
  let key = ''
  return {
    of(words) {
      const text = JSON.stringify(words)
      if (text !== asked) key = newKey()
      asked = text
      return key
    },
    settle() {
      asked = ''
    },
  }
}

export interface Pending<Body> {
  request_key: string
  body: Body
}

/** The question that still waits for its answer, if there is one. */
export function pending<Body>(purpose: string): Pending<Body> | null {
  return recallJson<Pending<Body>>(`ask:${purpose}`)
}

/** Keep a question before it is sent. */
export function hold<Body>(purpose: string, body: Body): Pending<Body> {
  const held = { request_key: newKey(), body }
  keepJson(`ask:${purpose}`, held)
  return held
}

/** The question was answered, with yes or with no. */
export function settle(purpose: string): void {
  forget(`ask:${purpose}`)
}
