// The register as the page shows it: published heads, archives, the one being written.  台账数据

import { ref } from 'vue'
import { announce } from '../shared/announce'
import type { Schema } from '../shared/api'
import { ask, sentence } from '../shared/ask'
import { followServerClock } from '../shared/time'
import { campaign } from './desk'
import { fetchFile } from './fetch-file'
import { api } from './session'
import { r } from './words/register'

const LOOK_EVERY_MS = 2000

export const page = ref<Schema['RegisterPage'] | null>(null)
export const wrong = ref('')
export const told = ref('')

export async function loadRegister(): Promise<void> {
  if (campaign.value === null) return
  const wanted = campaign.value
  const params = { query: { campaign: wanted } }
  const answer = await ask(() => api.GET('/api/v1/console/register', { params }), Infinity)
  if (wanted !== campaign.value) return
  if (!answer.ok) {
    wrong.value = sentence(answer.problem)
    return
  }
  followServerClock(answer.data.at)
  const wasMaking = page.value?.making?.name
  page.value = answer.data
  if (wasMaking && !answer.data.making) said(answer.data.archives[0]?.name === wasMaking)
}

/** The archive that was awaited is there, or it is not. */
function said(isThere: boolean): void {
  told.value = isThere ? r('made') : ''
  wrong.value = isThere ? '' : r('notMade')
  announce(told.value || wrong.value)
}

export async function makeArchive(): Promise<void> {
  const body = { campaign: campaign.value ?? 0 }
  told.value = ''
  const answer = await ask(() => api.POST('/api/v1/console/register/archives', { body }), 1)
  wrong.value = answer.ok ? '' : sentence(answer.problem)
  if (wrong.value) announce(wrong.value)
  await loadRegister()
}

/** Look again while something is being written; returns how to stop. */
export function watchMaking(): () => void {
  const timer = setInterval(() => {
    if (!document.hidden && page.value?.making) void loadRegister()
  }, LOOK_EVERY_MS)
  return () => clearInterval(timer)
}

async function take(path: string, name: string): Promise<void> {
  wrong.value = (await fetchFile(path, name)) ? '' : r('noFile')
  if (wrong.value) announce(wrong.value)
}

export function takeArchive(name: string): Promise<void> {
  const path = `/api/v1/console/register/archives/${name}?campaign=${campaign.value}`
  return take(path, `${name}.zip`)
}

export function takeMovements(day: number, until: number): Promise<void> {
  const query = `campaign=${campaign.value}&day=${day}&until=${until}`
  const name = `register-${campaign.value}-${day}${until === day ? '' : `-${until}`}.csv`
  return take(`/api/v1/console/fund/register?${query}`, name)
}
