// What the reconciliation page shows: days, cases, and the choices of its forms.  对账数据

import { ref } from 'vue'
import type { Schema } from '../shared/api'
import { ask, sentence, type Answer } from '../shared/ask'
import { either } from '../shared/i18n'
import { s } from '../shared/words'
import { campaign } from './desk'
import { showSaid } from './in-sight'
import { api } from './session'

export type Case = Schema['ReconciliationCase']
export type Day = Schema['ReconciledDay']

export const days = ref<Day[] | null>(null)
export const cases = ref<Case[] | null>(null)
export const choices = ref<Schema['ReconciliationChoices'] | null>(null)
export const everything = ref(false)
export const chosen = ref<Schema['ReconciliationCaseFile'] | null>(null)
export const trouble = ref('')

function kept<T>(answer: Answer<T>): T | null {
  trouble.value = answer.ok ? '' : sentence(answer.problem)
  if (!answer.ok) showSaid()
  return answer.ok ? answer.data : null
}

export async function loadBooks(): Promise<void> {
  if (campaign.value === null) return
  const query = { campaign: campaign.value }
  const told = await Promise.all([
    ask(() => api.GET('/api/v1/console/reconciliation/days', { params: { query } }), Infinity),
    ask(
      () =>
        api.GET('/api/v1/console/reconciliation/cases', {
          params: { query: { ...query, everything: everything.value } },
        }),
      Infinity,
    ),
  ])
  days.value = kept(told[0])?.items ?? days.value
  cases.value = kept(told[1])?.items ?? cases.value
}

export async function loadChoices(): Promise<void> {
  const path = '/api/v1/console/reconciliation/choices'
  choices.value = kept(await ask(() => api.GET(path), Infinity))
}

export async function choose(number: number | null): Promise<void> {
  if (number === null) {
    chosen.value = null
    return
  }
  const params = { path: { case: number } }
  chosen.value = kept(
    await ask(() => api.GET('/api/v1/console/reconciliation/cases/{case}', { params })),
  )
}

async function after(number: number): Promise<void> {
  const said = trouble.value
  await Promise.all([loadBooks(), choose(number)])
  trouble.value = said
}

export async function assign(number: number, owner: string): Promise<void> {
  const path = '/api/v1/console/reconciliation/cases/{case}/owner'
  const params = { path: { case: number } }
  kept(await ask(() => api.POST(path, { params, body: { owner } })))
  await after(number)
}

/** Gives whether the case is closed by it; null when it was refused. */
export async function explain(
  number: number,
  body: Schema['CaseClosing'],
): Promise<boolean | null> {
  const path = '/api/v1/console/reconciliation/cases/{case}/closing'
  const params = { path: { case: number } }
  const done = kept(await ask(() => api.POST(path, { params, body })))
  await after(number)
  return done ? done.is_final : null
}

export interface Sent {
  file: File
  source: string
  mapping: string
  day: number | null
  part: string
}

export type Taken = { ok: true; data: Schema['FileTaken'] } | { ok: false; lines: string[] }

/** Send a file as it is. The lines of a refusal say what is wrong in which row. */
export async function sendFile(sent: Sent): Promise<Taken> {
  const { file, day, source, mapping, part } = sent
  const rest = { campaign: campaign.value ?? 0, source, mapping, part, name: file.name.slice(-64) }
  const query = day === null ? rest : { ...rest, day }
  let reply
  try {
    reply = await api.POST('/api/v1/console/reconciliation/files', {
      params: { query },
      // The body is the file itself, byte for byte.
      body: file as unknown as string,
    })
  } catch {
    return { ok: false, lines: [s('offline')] }
  }
  if (reply.data) return { ok: true, data: reply.data }
  const problem = reply.error as Partial<Schema['Problem']> | undefined
  const flaws = (problem?.detail?.flaws ?? []) as Array<{ zh: string; en: string }>
  const lines = flaws.map((each) => either(each.zh, each.en))
  const said = problem?.zh && problem.en ? either(problem.zh, problem.en) : s('busyNow')
  return { ok: false, lines: [said, ...lines] }
}

/** An official's name behind the login; who is not known keeps the login. */
export function nameOf(login: string): string {
  return choices.value?.people.find((each) => each.code === login)?.zh ?? login
}
