// The fund as the desk shows it: live balances and what officials do with it.  资金数据

import { ref } from 'vue'
import { announce } from '../shared/announce'
import type { Schema } from '../shared/api'
import { ask, type Problem } from '../shared/ask'
import { either } from '../shared/i18n'
import { followServerClock } from '../shared/time'
import { campaign, day } from './desk'
import { api, session } from './session'

export type FundPage = Schema['FundPage']
export type FundPart = Schema['FundPart']

const POLL_EVERY_MS = 10_000

let asking = false

export const fund = ref<FundPage | null>(null)
export const fundAway = ref(false)
export const trouble = ref<string | null>(null)

/** A city's official looks on; the others may act. */
export function mayAct(): boolean {
  return session.value?.role !== 'city_supervisor'
}

export async function loadFund(): Promise<void> {
  if (campaign.value === null) return
  const wanted = { campaign: campaign.value, day: day.value }
  const { day: chosen, ...rest } = wanted
  const params = { query: chosen === null ? rest : { ...rest, day: chosen } }
  asking = true
  const answer = await ask(() => api.GET('/api/v1/console/fund', { params }), 1)
  asking = false
  if (wanted.campaign !== campaign.value || wanted.day !== day.value) return
  fundAway.value = !answer.ok
  if (!answer.ok) return
  followServerClock(answer.data.at)
  fund.value = answer.data
}

export function startFundPolling(): () => void {
  const timer = setInterval(() => {
    // A house that is slow to count is not asked again before it has answered.
    if (!document.hidden && !asking) void loadFund()
  }, POLL_EVERY_MS)
  return () => clearInterval(timer)
}

function tell(problem: Problem): void {
  trouble.value = either(problem.zh, problem.en)
  announce(trouble.value)
}

export async function acknowledge(alert: number): Promise<void> {
  const params = { path: { alert } }
  const answer = await ask(() =>
    api.POST('/api/v1/console/fund/alerts/{alert}/acknowledge', { params }),
  )
  trouble.value = null
  if (!answer.ok) tell(answer.problem)
  await loadFund()
}

export async function moveClosing(step: 'open' | 'approve'): Promise<void> {
  if (campaign.value === null) return
  const body = { campaign: campaign.value }
  const answer = await ask(() =>
    step === 'open'
      ? api.POST('/api/v1/console/fund/closing', { body })
      : api.POST('/api/v1/console/fund/closing/approve', { body }),
  )
  trouble.value = null
  if (!answer.ok) tell(answer.problem)
  await loadFund()
}
