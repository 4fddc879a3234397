// Which cashier is signed in on this till.  收银员登录状态

import { ref } from 'vue'
import { makeApi, type Schema } from '../shared/api'
import { forget, keepJson, recallJson } from '../shared/keep'
import { followServerClock } from '../shared/time'

const KEPT_AS = 'till-session'

export const session = ref<Schema['TillOpened'] | null>(null)

export const api = makeApi(() => session.value?.token ?? null, signOut)

// The till has no page that tells the time, so it follows the clock that came with an answer.
api.use({
  onResponse({ response }) {
    const said = response.headers.get('date')
    if (said) followServerClock(said)
    return undefined
  },
})

export function signIn(opened: Schema['TillOpened']): void {
  session.value = opened
  keepJson(KEPT_AS, opened)
}

export function signOut(): void {
  session.value = null
  forget(KEPT_AS)
}

export function restoreSession(): void {
  // Whether it still holds is the house's to say: an old one is answered with 401.
  session.value = recallJson<Schema['TillOpened']>(KEPT_AS)
}
