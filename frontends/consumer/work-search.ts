// Beside the page: try numbers until one has the fingerprint that was asked for.  搜索线程

import type { Schema } from '../shared/api'

const AT_ONCE = 64

onmessage = async (event: MessageEvent<Schema['DrawTask']>) => {
  // Whatever fails here is no proof: the page hears of it instead of waiting for ever.
  postMessage(await search(event.data).catch(() => null))
}

async function search(task: Schema['DrawTask']): Promise<number | null> {
  for (let first = 0; first <= task.maxnumber; first += AT_ONCE) {
    const numbers = Array.from({ length: AT_ONCE }, (_, place) => first + place)
    const found = await Promise.all(numbers.map((number) => fingerprint(task.salt, number)))
    const place = found.indexOf(task.challenge)
    if (place >= 0) return first + place
  }
  return null
}

async function fingerprint(salt: string, number: number): Promise<string> {
  const text = new TextEncoder().encode(salt + String(number))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
