// Which official is signed in. Kept for this tab only.  监管人员登录状态

import { computed, ref } from 'vue'
import { makeApi, type Schema } from '../shared/api'

const KEPT_AS = 'huiquan:console-session'

export const session = ref<Schema['ConsoleOpened'] | null>(null)

/** Whether objections are for this official: a list is one for the province, not for a city. */
export const mayDecide = computed(
  () => session.value !== null && session.value.role !== 'city_supervisor',
)

/** The session ended by itself; the sign-in says so, and then leads back. */
export const expired = ref(false)

export const api = makeApi(() => session.value?.token ?? null, expire)

export function expire(): void {
  signOut()
  expired.value = true
}

export function signIn(opened: Schema['ConsoleOpened']): void {
  session.value = opened
  expired.value = false
  sessionStorage.setItem(KEPT_AS, JSON.stringify(opened))
}

export function signOut(): void {
  session.value = null
  sessionStorage.removeItem(KEPT_AS)
}

export function restoreSession(): void {
  const text = sessionStorage.getItem(KEPT_AS)
  session.value = text ? (JSON.parse(text) as Schema['ConsoleOpened']) : null
}
