// Ask a door, and ask again politely when it is busy or the network is gone.  请求与重试
//
// Asking again is safe because every writing request carries its request key: the same key
// gets the same answer. Retry-After is obeyed, with jitter, and five tries are the end.

import type { components } from './api-types'
import { either } from './i18n'
import { s } from './words'
import { sleep } from './time'

export interface Problem {
  /** refused: a rule said no. busy: not now. unreachable: we do not know what happened. */
  kind: 'refused' | 'busy' | 'unreachable'
  code: string
  zh: string
  en: string
  status: number
}

export type Answer<T> = { ok: true; data: T } | { ok: false; problem: Problem }

interface Reply<T> {
  data?: T
  error?: unknown
  response: Response
}

export const MOST_TRIES = 5
const FIRST_WAIT_MS = 600
const LONGEST_WAIT_MS = 15_000
// These doors say 429 or 503 about one person's wish, not about the crowd: do not insist.
const FINAL_CODES = ['sms_too_soon', 'sms_unavailable', 'identity_unavailable', 'lane_frozen']

/** Told before each wait: why, how long it will be, and which try comes then. */
export type Waits = (problem: Problem, ms: number, nextTry: number) => void

export async function ask<T>(
  send: () => Promise<Reply<T>>,
  tries = MOST_TRIES,
  waits: Waits = () => undefined,
): Promise<Answer<NonNullable<T>>> {
  for (let attempt = 1; ; attempt++) {
    const { answer, retryAfterS } = await once(send)
    if (answer.ok || answer.problem.kind === 'refused' || attempt >= tries) return answer
    const ms = waitMs(attempt, retryAfterS)
    waits(answer.problem, ms, attempt + 1)
    await sleep(ms)
  }
}

async function once<T>(send: () => Promise<Reply<T>>) {
  let reply: Reply<T>
  try {
    reply = await send()
  } catch {
    return { answer: fail<T>(unreachable()), retryAfterS: null }
  }
  if (reply.response.ok && reply.data !== undefined) {
    return { answer: { ok: true as const, data: reply.data as NonNullable<T> }, retryAfterS: null }
  }
  const header = reply.response.headers.get('retry-after')
  const retryAfterS = header && /^\d+$/.test(header) ? Number(header) : null
  return { answer: fail<T>(problemOf(reply)), retryAfterS }
}

function fail<T>(problem: Problem): Answer<NonNullable<T>> {
  return { ok: false, problem }
}

function problemOf(reply: Reply<unknown>): Problem {
  const status = reply.response.status
  const said = reply.error as Partial<components['schemas']['Problem']> | undefined
  const code = said?.code ?? ''
  const insist = (status === 429 || status >= 500) && FINAL_CODES.indexOf(code) < 0
  return {
    kind: insist ? 'busy' : 'refused',
    code,
    zh: said?.zh ?? s('busyNow'),
    en: said?.en ?? s('busyNow'),
    status,
  }
}

function unreachable(): Problem {
  return { kind: 'unreachable', code: 'unreachable', zh: s('offline'), en: s('offline'), status: 0 }
}

function waitMs(attempt: number, retryAfterS: number | null): number {
  const base = retryAfterS !== null ? retryAfterS * 1000 : FIRST_WAIT_MS * 2 ** (attempt - 1)
  return Math.min(LONGEST_WAIT_MS, base) + Math.random() * FIRST_WAIT_MS
}

/** The sentence for a person, in the language in force. */
export function sentence(problem: Problem): string {
  return either(problem.zh, problem.en)
}
