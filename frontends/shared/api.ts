// The typed client of the doors: a misspelt field does not compile.  接口客户端
//
// The types are openapi-fetch's; what is sent and read is written here, for the phones' sake.

import type { Client } from 'openapi-fetch'
import type { components, paths } from './api-types'

export type Schema = components['schemas']
export type Api = Pick<Client<paths>, 'GET' | 'POST'>

type Values = Record<string, unknown>

interface Wanted {
  params?: { path?: Values; query?: Values }
  /** Sent as JSON; a file goes as it is. */
  body?: unknown
  parseAs?: string
}

/**
 * Make a face's client. `token` is read at each request; `onExpired` hears that the session under
 * which something was asked does not hold any more, and hears it once.
 */
export function makeApi(token: () => string | null, onExpired: () => void): Api {
  async function send(method: string, path: string, wanted: Wanted = {}) {
    const held = token()
    const { body } = wanted
    const isFile = body instanceof Blob
    const response = await fetch(address(path, wanted.params), {
      method,
      cache: 'no-store',
      headers: {
        ...(held ? { Authorization: `Bearer ${held}` } : {}),
        ...(body ? { 'Content-Type': `application/${isFile ? 'octet-stream' : 'json'}` } : {}),
      },
      body: isFile ? body : body ? JSON.stringify(body) : null,
    })
    // An old answer that comes late must not end the session that was begun since.
    if (response.status === 401 && held && held === token()) onExpired()
    const text = await response.text()
    if (!response.ok) return { error: problemIn(text), response }
    return { data: wanted.parseAs === 'text' ? text : JSON.parse(text), response }
  }
  return {
    GET: (path: string, wanted?: Wanted) => send('GET', path, wanted),
    POST: (path: string, wanted?: Wanted) => send('POST', path, wanted),
  } as unknown as Api
}

function address(path: string, { path: names = {}, query = {} }: Wanted['params'] = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(names[name])))
  const asked = new URLSearchParams()
  for (const name in query) if (query[name] != null) asked.set(name, String(query[name]))
  return `${filled}?${asked}`.replace(/\?$/, '')
}

// Whoever stands between us and the house may answer with a page of its own.
function problemIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
