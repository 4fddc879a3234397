// Who is signed in on this phone, and the client that speaks for them.  登录状态

import { ref } from 'vue'
import { makeApi, type Schema } from '../shared/api'
import { forget, keepJson, recallJson } from '../shared/keep'
import { go, here } from '../shared/route'

const KEPT_AS = 'consumer-session'

export const session = ref<Schema['Registered'] | null>(null)
/** The session ended by itself; the sign-in says so, and then leads back. */
export const expired = ref(false)

export const api = makeApi(
  () => session.value?.token ?? null,
  () => {
    signOut()
    expired.value = true
    go(signInFrom())
  },
)

/** The address of the sign-in that leads back to the screen shown now. */
export function signInFrom(): string {
  return `sign-in/${here()}`
}

export function signIn(registered: Schema['Registered']): void {
  session.value = registered
  expired.value = false
  keepJson(KEPT_AS, registered)
}

export function signOut(): void {
  session.value = null
  forget(KEPT_AS)
}

export function restoreSession(): void {
  // Whether it still holds is the house's to say: an old one is answered with 401.
  session.value = recallJson<Schema['Registered']>(KEPT_AS)
}
