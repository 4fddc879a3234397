// The campaign as it stands now: phase, opening hours, packs, counters.  活动现况

import { computed, ref } from 'vue'
import type { Schema } from '../shared/api'
import { wantedCampaign } from '../shared/asked-campaign'
import { insist, sayNextTry, type Problem } from '../shared/ask'
import { either } from '../shared/i18n'
import { onlyOnce } from '../shared/only-once'
import { dayNumber, dayText, followServerClock, hourMinute, serverNowMs, today } from '../shared/time'
import { api } from './session'

// From here, so that no part of this face fetches it as a file of its own.
export { publicPage, wantedCampaign } from '../shared/asked-campaign'

export type Phase = Schema['Now']['phase']

export const now = ref<Schema['Now'] | null>(null)
export const nowProblem = ref<Problem | null>(null)

/** Moves once a second, so that phases and countdowns follow the server's clock. */
export const tickMs = ref(0)

export function startTicking(): void {
  tickMs.value = serverNowMs()
  setInterval(() => {
    tickMs.value = serverNowMs()
  }, 1000)
}

export const loadNow = onlyOnce(async () => {
  const answer = await insist(
    () => api.GET('/api/v1/now', { params: { query: wantedCampaign() } }),
    nowProblem,
    // That the network is gone stands on the page itself.
    (problem, ms) => problem.kind === 'busy' && sayNextTry(problem, ms),
  )
  if (!answer.ok) return
  followServerClock(answer.data.at)
  tickMs.value = serverNowMs()
  now.value = answer.data
})

/** The campaign that is shown, also before the house has said which one it is. */
export function shownCampaign(): { campaign?: number } {
  return now.value ? { campaign: now.value.campaign } : wantedCampaign()
}

/** The phase by the server's clock, without asking again each second. */
export const phase = computed<Phase | 'loading'>(() => {
  const state = now.value
  if (!state) return 'loading'
  if (state.phase === 'ended') return 'ended'
  if (tickMs.value >= Date.parse(state.closes_at)) return 'closed'
  if (tickMs.value >= Date.parse(state.opens_at)) return 'open'
  // Closed, and it opens again today: to whoever comes in the morning that is "before".
  const opensToday = dayNumber(dayText(state.opens_at)) === today()
  return state.phase === 'closed' && !opensToday ? 'closed' : 'before'
})

/** On a list one signs up, and the notary draws once: nothing happens every day. */
export const isList = computed(() => now.value?.mode === 'list')

/** The day of the draw that somebody takes part in now: on a list it may lie ahead or behind. */
export function drawDay(): number {
  return isList.value && now.value ? now.value.day : today()
}

export const opensAt = computed(() => (now.value ? hourMinute(now.value.opens_at) : '10:00'))

export function packName(pack: { name_zh: string; name_en: string }): string {
  return either(pack.name_zh, pack.name_en)
}

/** "“马”上欢聚·线上百货大礼包" -> "线上百货": the short name for a narrow choice. */
export function packShortName(pack: { name_zh: string; name_en: string }): string {
  return either(pack.name_zh.replace(/^.*·|大?礼包$/g, ''), pack.name_en.replace(/ pack$/i, ''))
}
