// What belongs to the person signed in: their day, their vouchers.  我的数据
//
// The vouchers are kept on the phone, too: without a network they can still be looked at.

import { computed, ref, watch } from 'vue'
import type { Schema } from '../shared/api'
import { ask, insist, type Problem } from '../shared/ask'
import { forget, keepJson, recallJson } from '../shared/keep'
import { onlyOnce } from '../shared/only-once'
import { rightNow } from '../shared/time'
import { drawDay } from './campaign'
import { api, session } from './session'

const KEPT_AS = 'vouchers'

interface Kept {
  registration_no: string
  at: string
  items: Schema['Voucher'][]
}

export const me = ref<Schema['Me'] | null>(null)
export const meProblem = ref<Problem | null>(null)
export const vouchers = ref<Schema['Voucher'][] | null>(null)
export const vouchersProblem = ref<Problem | null>(null)
/** When the vouchers shown were read. */
export const vouchersAt = ref('')
export const todaysDraw = ref<Schema['Draw'] | null>(null)

watch(session, (signedIn) => {
  const kept = signedIn && recallJson<Kept>(KEPT_AS)
  if (kept && kept.registration_no === signedIn.registration_no) {
    vouchers.value = kept.items
    vouchersAt.value = kept.at
    return
  }
  me.value = null
  vouchers.value = null
  todaysDraw.value = null
  forget(KEPT_AS)
})

export const loadMe = onlyOnce(async () => {
  const answer = await insist(() => api.GET('/api/v1/me'), meProblem)
  if (!answer.ok) return
  me.value = answer.data
  if (answer.data.today === 'not_entered') todaysDraw.value = null
  else await loadTodaysDraw()
})

async function loadTodaysDraw(): Promise<void> {
  const day = drawDay()
  const answer = await ask(() => api.GET('/api/v1/draws/{day}', { params: { path: { day } } }))
  if (answer.ok) todaysDraw.value = answer.data
}

export const loadVouchers = onlyOnce(async () => {
  const answer = await insist(() => api.GET('/api/v1/vouchers'), vouchersProblem)
  if (!answer.ok || !session.value) return
  vouchers.value = answer.data.items
  vouchersAt.value = rightNow()
  const { registration_no } = session.value
  keepJson(KEPT_AS, { registration_no, at: vouchersAt.value, items: answer.data.items })
})

export async function loadMine(): Promise<void> {
  if (session.value) await Promise.all([loadMe(), loadVouchers()])
}

export const usable = computed(() =>
  (vouchers.value ?? [])
    .filter((voucher) => voucher.state === 'held' || voucher.state === 'locked')
    .sort((a, b) => Date.parse(a.valid_until) - Date.parse(b.valid_until)),
)
