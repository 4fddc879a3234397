// What belongs to the person signed in: their day, their vouchers.  我的数据

import { computed, ref, watch } from 'vue'
import type { Schema } from '../shared/api'
import { ask, type Problem } from '../shared/ask'
import { today } from '../shared/time'
import { api, session } from './session'

export const me = ref<Schema['Me'] | null>(null)
export const vouchers = ref<Schema['Voucher'][] | null>(null)
export const vouchersProblem = ref<Problem | null>(null)
export const todaysDraw = ref<Schema['Draw'] | null>(null)

watch(session, (signedIn) => {
  if (signedIn) return
  me.value = null
  vouchers.value = null
  todaysDraw.value = null
})

export async function loadMe(): Promise<void> {
  const answer = await ask(() => api.GET('/api/v1/me'))
  if (!answer.ok) return
  me.value = answer.data
  if (answer.data.today !== 'not_entered') await loadTodaysDraw()
}

async function loadTodaysDraw(): Promise<void> {
  const day = today()
  const answer = await ask(() => api.GET('/api/v1/draws/{day}', { params: { path: { day } } }))
  if (answer.ok) todaysDraw.value = answer.data
}

export async function loadVouchers(): Promise<void> {
  const answer = await ask(() => api.GET('/api/v1/vouchers'))
  vouchersProblem.value = answer.ok ? null : answer.problem
  if (answer.ok) vouchers.value = answer.data.items
}

export async function loadMine(): Promise<void> {
  if (session.value) await Promise.all([loadMe(), loadVouchers()])
}

export const usable = computed(() =>
  (vouchers.value ?? [])
    .filter((voucher) => voucher.state === 'held' || voucher.state === 'locked')
    .sort((a, b) => Date.parse(a.valid_until) - Date.parse(b.valid_until)),
)
