// Keys from another source than the proof: this site, or a file that somebody trusts.  公钥来源

import type { Known } from '../shared/verify/proof'

const PARTIES = ['platform', 'approver', 'notary', 'auditor'] as const
const KEY = /^[0-9a-f]{64}$/
// The platform answers at its door; a notary's or auditor's copy lays the file beside the page.
const ADDRESSES = ['/api/v1/public/keys', 'keys.json']

/** Whose word counts, and which keys were declared lost on the way. */
export type KnownKeys = Pick<Known, 'lost'> & { keys: NonNullable<Known['keys']> }

/** The keys in a text, or null when it names neither notary nor auditor. */
export function keysIn(text: string): KnownKeys | null {
  let found: Record<string, unknown>
  try {
    found = JSON.parse(text) as Record<string, unknown>
  } catch {
    return null
  }
  if (typeof found !== 'object' || found === null) return null
  const keys: NonNullable<Known['keys']> = {}
  for (const party of PARTIES) {
    const key = found[party]
    if (typeof key === 'string' && KEY.test(key)) keys[party] = key
  }
  const lost = Array.isArray(found['lost']) ? (found['lost'] as NonNullable<Known['lost']>) : []
  return keys.notary && keys.auditor ? { keys, lost } : null
}

/** The keys that this page's own host publishes, or null. */
export async function keysOfSite(): Promise<KnownKeys | null> {
  for (const address of ADDRESSES) {
    try {
      const answer = await fetch(address, { cache: 'no-store' })
      const keys = answer.ok ? keysIn(await answer.text()) : null
      if (keys) return keys
    } catch {
      // A host that is away, or a page from a folder: the next address may answer.
    }
  }
  return null
}
