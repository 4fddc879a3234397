// The SHA-256 of every script this page has loaded, so that two hosts can be compared.  程序指纹

import { sha256 } from '@noble/hashes/sha2.js'

export interface Print {
  file: string
  hash: string
}

function addresses(): string[] {
  const loaded = performance.getEntriesByType('resource').map((entry) => entry.name)
  const named = Array.from(document.scripts, (script) => script.src)
  const ours = [...named, ...loaded].filter((each) => /\.js$/.test(each))
  return Array.from(new Set(ours)).sort()
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Read each script again, mostly from the browser's own store, and hash it. */
export async function scriptPrints(): Promise<Print[]> {
  const prints: Print[] = []
  for (const address of addresses()) {
    const answer = await fetch(address, { cache: 'force-cache' })
    if (!answer.ok) throw new Error(address)
    const hash = hex(sha256(new Uint8Array(await answer.arrayBuffer())))
    prints.push({ file: address.split('/').pop()!, hash })
  }
  return prints
}
