// The typed client of the doors: a misspelt field does not compile.  接口客户端

import createClient from 'openapi-fetch'
import type { components, paths } from './api-types'

export type Schema = components['schemas']

/** Make a face's client. `token` is read at each request; `onSignedOut` hears of a 401. */
export function makeApi(token: () => string | null, onSignedOut: () => void) {
  const client = createClient<paths>({ baseUrl: '/', cache: 'no-store' })
  client.use({
    onRequest({ request }) {
      const held = token()
      if (held) request.headers.set('Authorization', `Bearer ${held}`)
      return request
    },
    onResponse({ request, response }) {
      if (response.status === 401 && request.headers.has('Authorization')) onSignedOut()
      return undefined
    },
  })
  return client
}
