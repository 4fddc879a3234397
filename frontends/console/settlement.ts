// What the settlement page shows, and what an official does there; each deed reads everything anew.  清算

import { ref } from 'vue'
import { announce } from '../shared/announce'
import type { Schema } from '../shared/api'
import { ask, sentence, type Answer } from '../shared/ask'
import { campaign } from './desk'
import { fetchFile } from './fetch-file'
import { showSaid } from './in-sight'
import { api } from './session'
import { m } from './words/settlement'

export const page = ref<Schema['SettlementPage'] | null>(null)
export const files = ref<Schema['ShownFile'][]>([])
export const holds = ref<Schema['ShownHold'][]>([])
export const requests = ref<Schema['ShownAccountRequest'][]>([])
export const disputes = ref<Schema['ShownDispute'][]>([])
/** The last thing that went wrong, or that was done, in words. */
export const wrong = ref('')
export const told = ref('')
export const busy = ref(false)

export async function loadMoney(): Promise<void> {
  if (campaign.value === null) return
  const params = { query: { campaign: campaign.value } }
  const [settled, sent, held, said, asked] = await Promise.all([
    ask(() => api.GET('/api/v1/console/settlements', { params }), Infinity),
    ask(() => api.GET('/api/v1/console/payment-files', { params }), Infinity),
    ask(() => api.GET('/api/v1/console/settlement-holds'), Infinity),
    ask(() => api.GET('/api/v1/console/disputes'), Infinity),
    ask(() => api.GET('/api/v1/console/account-requests'), Infinity),
  ])
  if (settled.ok) page.value = settled.data
  else wrong.value = sentence(settled.problem)
  if (sent.ok) files.value = sent.data.items
  if (held.ok) holds.value = held.data.items
  if (said.ok) disputes.value = said.data.items
  if (asked.ok) requests.value = asked.data.items
}

/** Do one thing, say what came of it, and look again. */
export async function act<T>(
  send: () => Promise<Answer<T>>,
  words: (data: T) => string = () => '',
): Promise<T | null> {
  if (busy.value) return null
  busy.value = true
  const answer = await send()
  wrong.value = answer.ok ? '' : sentence(answer.problem)
  told.value = answer.ok ? words(answer.data) : ''
  announce(wrong.value || told.value)
  showSaid()
  await loadMoney()
  busy.value = false
  return answer.ok ? answer.data : null
}

/** Say what went wrong where nothing else on the page shows it. */
export function sayWrong(words: string): void {
  wrong.value = words
  announce(words)
  showSaid()
}

/** Take a file away, or say that it did not come. */
export async function takeFile(path: string, name: string): Promise<void> {
  wrong.value = ''
  if (!(await fetchFile(path, name))) sayWrong(m('noFile'))
}

/** A bank's file in UTF-8 or GBK, as text. */
export async function textOf(file: File): Promise<string> {
  const raw = await file.arrayBuffer()
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(raw)
  } catch {
    return new TextDecoder('gb18030').decode(raw)
  }
}
