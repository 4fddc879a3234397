// Which cashier is signed in on this till.  收银员登录状态

import { ref } from 'vue'
import { makeApi, type Schema } from '../shared/api'
import { ask } from '../shared/ask'
import { forget, keepJson, recallJson } from '../shared/keep'
import { followServerClock } from '../shared/time'

const KEPT_AS = 'till-session'

export const session = ref<Schema['TillOpened'] | null>(null)

/** The session ended by itself; the sign-in says so, and then leads back. */
export const expired = ref(false)

export const api = makeApi(() => session.value?.token ?? null, expire)

export function expire(): void {
  signOut()
  expired.value = true
}

/** The till's own answers do not tell the time; the campaign's page does. */
export async function followHouseClock(): Promise<void> {
  const answer = await ask(() => api.GET('/api/v1/now', { params: { query: {} } }))
  if (answer.ok) followServerClock(answer.data.at)
}

export function signIn(opened: Schema['TillOpened']): void {
  session.value = opened
  expired.value = false
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
