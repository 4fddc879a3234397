// The sale at the till: the code, the amounts, the lock, the payment.  一笔收银
//
//     amounts -> quoted -> locked -> redeemed
//                            \-> given back
//
// The lock and every question without an answer are kept in storage: a till that loses its
// network or its page goes on where it was, with the same request key.

import { computed, reactive, ref } from 'vue'
import type { Schema } from '../shared/api'
import { ask, type Answer, type Problem } from '../shared/ask'
import { forget, keepJson, recallJson } from '../shared/keep'
import { hold, pending, randomHex, settle } from '../shared/keys'
import { fenFromText } from '../shared/money'
import { go } from '../shared/route'
import { dayAndMinute, rightNow } from '../shared/time'
import { api, session } from './session'
import { t } from './words'

const LOCK_KEPT_AS = 'till-lock'

export const typed = reactive({ code: '', order: '', merchant: '', platform: '' })
export const locked = ref<Schema['Locked'] | null>(null)
/** The number of the payment, as suggested or typed; kept while its lock is. */
export const paymentRef = ref('')
/** The last sale was cancelled; the first page says so once. */
export const givenBack = ref(false)
export const done = ref<Schema['Redemption'] | null>(null)

export interface Amounts {
  order_fen: number
  offers: Schema['Offer'][]
}

/** The amounts as typed; null while one of them is not a sum of money. */
export const amounts = computed<Amounts | null>(() => {
  const order_fen = fenFromText(typed.order)
  if (!order_fen) return null
  const offers: Schema['Offer'][] = []
  for (const funder of ['merchant', 'platform'] as const) {
    if (!typed[funder].trim()) continue
    const amount_fen = fenFromText(typed[funder])
    if (amount_fen === null) return null
    const name = t(funder === 'merchant' ? 'merchantOfferName' : 'platformOfferName')
    if (amount_fen > 0) offers.push({ funder, name, amount_fen })
  }
  return { order_fen, offers }
})

/** Begin with a code, or with none yet, where the amounts are typed. */
export function startSale(code: string): void {
  Object.assign(typed, { code, order: '', merchant: '', platform: '' })
  settle('lock')
  go('amounts')
}

export function restoreSale(): void {
  locked.value = recallJson<Schema['Locked']>(LOCK_KEPT_AS)
}

export function askQuote(wanted: Amounts): Promise<Answer<Schema['Quote']>> {
  const body = { code: typed.code, ...wanted }
  return ask(() => api.POST('/api/v1/till/quotes', { body }), 3)
}

/** Whether this store takes one way of paying, and where the next one is that does. */
export function lookAtRail(rail: string): Promise<Answer<Schema['ShownRails']>> {
  const params = { path: { store_id: Number(session.value?.store.store_id) }, query: { rail } }
  return ask(() => api.GET('/api/v1/stores/{store_id}/rails', { params }), 2)
}

export function lockIsUnanswered(): boolean {
  return pending('lock') !== null
}

/** Lock the voucher. Without an answer the question stays, and is asked again word for word. */
export async function lock(wanted: Amounts): Promise<Problem | null> {
  const held =
    pending<Omit<Schema['Locking'], 'request_key'>>('lock') ??
    hold('lock', { code: typed.code, ...wanted })
  const body = { request_key: held.request_key, ...held.body }
  const answer = await ask(() => api.POST('/api/v1/till/locks', { body }), 3)
  if (!answer.ok && answer.problem.kind !== 'refused') return answer.problem
  settle('lock')
  if (!answer.ok) return answer.problem
  locked.value = answer.data
  keepJson(LOCK_KEPT_AS, answer.data)
  return null
}

export function suggestPaymentRef(): string {
  const at = dayAndMinute(rightNow()).replace(/\D/g, '')
  return `${session.value?.store.store_id ?? 'POS'}-${at}-${randomHex(3)}`.toUpperCase()
}

export function redeemIsUnanswered(): boolean {
  return locked.value !== null && pending(`redeem:${locked.value.lock}`) !== null
}

export async function redeem(payment_ref: string): Promise<Problem | null> {
  if (!locked.value) return null
  const { lock: id } = locked.value
  const purpose = `redeem:${id}`
  const held = pending<{ payment_ref: string }>(purpose) ?? hold(purpose, { payment_ref })
  const body = { request_key: held.request_key, ...held.body }
  const params = { path: { lock: id } }
  const answer = await ask(
    () => api.POST('/api/v1/till/locks/{lock}/redeem', { params, body }),
    3,
  )
  if (!answer.ok && answer.problem.kind !== 'refused') return answer.problem
  settle(purpose)
  if (!answer.ok) return answer.problem
  done.value = answer.data
  endLock()
  return null
}

/** The customer changed their mind: the voucher goes back. */
export async function giveBack(): Promise<Problem | null> {
  if (!locked.value) return null
  const { lock: id } = locked.value
  const purpose = `unlock:${id}`
  const held = pending<object>(purpose) ?? hold(purpose, {})
  const body = { request_key: held.request_key }
  const params = { path: { lock: id } }
  const answer = await ask(
    () => api.POST('/api/v1/till/locks/{lock}/unlock', { params, body }),
    3,
  )
  if (!answer.ok && answer.problem.kind !== 'refused') return answer.problem
  settle(purpose)
  endLock()
  return answer.ok ? null : answer.problem
}

function endLock(): void {
  locked.value = null
  paymentRef.value = ''
  forget(LOCK_KEPT_AS)
}
