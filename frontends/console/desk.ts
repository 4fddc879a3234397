// What the desk shows: the campaign and day chosen, the figures, and how fresh they are.  总览数据

import { computed, ref } from 'vue'
import { announce } from '../shared/announce'
import type { Schema } from '../shared/api'
import { ask, sentence } from '../shared/ask'
import { followServerClock, hourMinuteSecond, today } from '../shared/time'
import { api } from './session'
import { t } from './words'

export type Figures = Schema['Figures']
export type Nine = Schema['Nine']

const POLL_EVERY_MS = 5000

export const campaigns = ref<Schema['CampaignLine'][]>([])
export const campaign = ref<number | null>(null)
/** The day chosen; null follows the house's own today. */
export const day = ref<number | null>(null)
export const figures = ref<Figures | null>(null)
export const stale = ref(false)
/** Why there are no figures at all; the page asks again by itself. */
export const away = ref('')

export const isToday = computed(() => day.value === null)

export function chooseDay(chosen: number): void {
  day.value = chosen === today() ? null : chosen
}

export async function loadCampaigns(): Promise<void> {
  const answer = await ask(() => api.GET('/api/v1/console/campaigns'), Infinity)
  if (!answer.ok) return
  campaigns.value = answer.data.items
  campaign.value = campaign.value ?? answer.data.items[0]?.campaign ?? null
}

export async function loadFigures(): Promise<void> {
  if (campaign.value === null) return
  const wanted = { campaign: campaign.value, day: day.value }
  const { day: chosen, ...rest } = wanted
  const params = { query: chosen === null ? rest : { ...rest, day: chosen } }
  const answer = await ask(() => api.GET('/api/v1/console/figures', { params }), 1)
  // The choice may have changed while the answer was on its way.
  if (wanted.campaign !== campaign.value || wanted.day !== day.value) return
  if (answer.ok) {
    followServerClock(answer.data.at)
    figures.value = answer.data
  } else if (!stale.value && figures.value) {
    announce(t('stale', { at: hourMinuteSecond(figures.value.at) }))
  }
  stale.value = !answer.ok
  away.value = answer.ok ? '' : sentence(answer.problem)
}

/** Ask every few seconds while somebody looks at today; returns how to stop. */
export function startPolling(): () => void {
  const timer = setInterval(() => {
    if (!document.hidden && (isToday.value || stale.value)) void loadFigures()
  }, POLL_EVERY_MS)
  return () => clearInterval(timer)
}
