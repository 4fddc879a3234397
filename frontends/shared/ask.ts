// Ask a door, and ask again politely when it is busy or the network is gone.  请求与重试
//
// Asking again is safe because every writing request carries its request key: the same key
// gets the same answer. Retry-After is obeyed, with jitter, and five tries are the end, unless
// somebody insists. Whoever waits is told for how many seconds.

import { ref, type Ref } from 'vue'
import type { components } from './api-types'
import { either } from './i18n'
import { s } from './words'
import { sleep } from './time'

export interface Problem {
  /**
   * refused: a rule said no. busy: not now. unreachable: we do not know what happened.
   * signed_out: the session is over; the question stays open until somebody has signed in again.
   */
  kind: 'refused' | 'busy' | 'unreachable' | 'signed_out'
  code: string
  zh: string
  en: string
  status: number
  /** In how many seconds it may be asked again, as the house said; null if it did not say. */
  waitS: number | null
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
const SIGNED_OUT_CODES = ['unauthenticated', 'token_expired']

/** Told before each wait: why, how long it will be, and which try comes then. */
export type Waits = (problem: Problem, ms: number, nextTry: number) => void

/** While a page waits: in how many seconds it asks again by itself, and whether it is offline. */
export const nextTry = ref<{ s: number; offline: boolean } | null>(null)

export function sayNextTry(problem: Problem, ms: number): void {
  nextTry.value = { s: Math.ceil(ms / 1000), offline: problem.kind === 'unreachable' }
}

export async function ask<T>(
  send: () => Promise<Reply<T>>,
  tries = MOST_TRIES,
  waits: Waits = sayNextTry,
): Promise<Answer<NonNullable<T>>> {
  for (let attempt = 1; ; attempt++) {
    const answer = await once(send)
    if (answer.ok || !mayAskAgain(answer.problem) || attempt >= tries) return answer
    const ms = waitMs(attempt, answer.problem.waitS)
    waits(answer.problem, ms, attempt + 1)
    const said = nextTry.value
    await (answer.problem.kind === 'busy' ? sleep(ms) : networkOr(ms))
    // Another question may wait meanwhile, and have said so.
    if (nextTry.value === said) nextTry.value = null
  }
}

/** Ask until there is an answer, saying in `problem` from the first failure on what is wrong. */
export async function insist<T>(
  send: () => Promise<Reply<T>>,
  problem: Ref<Problem | null>,
  waits: Waits = sayNextTry,
): Promise<Answer<NonNullable<T>>> {
  const answer = await ask(send, Infinity, (why, ms, next) => {
    problem.value = why
    waits(why, ms, next)
  })
  problem.value = answer.ok || answer.problem.kind === 'signed_out' ? null : answer.problem
  return answer
}

/** Whether waiting may help: a refusal stands, and a session does not come back by itself. */
export function mayAskAgain(problem: Problem): boolean {
  return problem.kind === 'busy' || problem.kind === 'unreachable'
}

const waiting = new Set<() => void>()

/** The network is back, or somebody does not want to wait: ask at once. */
export function askNow(): void {
  waiting.forEach((goOn) => goOn())
}

function networkOr(ms: number): Promise<void> {
  return new Promise((done) => {
    const goOn = () => {
      clearTimeout(timer)
      waiting.delete(goOn)
      done()
    }
    const timer = setTimeout(goOn, ms)
    waiting.add(goOn)
    window.ononline = askNow
  })
}

async function once<T>(send: () => Promise<Reply<T>>): Promise<Answer<NonNullable<T>>> {
  let reply: Reply<T>
  try {
    reply = await send()
  } catch {
    return { ok: false, problem: unreachable() }
  }
  if (reply.response.ok && reply.data !== undefined) {
    return { ok: true, data: reply.data as NonNullable<T> }
  }
  return { ok: false, problem: problemOf(reply) }
}

function problemOf(reply: Reply<unknown>): Problem {
  const status = reply.response.status
  const said = reply.error as Partial<components['schemas']['Problem']> | undefined
  const code = said?.code ?? ''
  const header = reply.response.headers.get('retry-after')
  return {
    kind: kindOf(status, code),
    code,
    zh: said?.zh ?? s('busyNow'),
    en: said?.en ?? s('busyNow'),
    status,
    waitS: header && /^\d+$/.test(header) ? Number(header) : null,
  }
}

function kindOf(status: number, code: string): Problem['kind'] {
  if (SIGNED_OUT_CODES.indexOf(code) >= 0) return 'signed_out'
  const insisting = (status === 429 || status >= 500) && FINAL_CODES.indexOf(code) < 0
  return insisting ? 'busy' : 'refused'
}

function unreachable(): Problem {
  const said = s('offline')
  return { kind: 'unreachable', code: 'unreachable', zh: said, en: said, status: 0, waitS: null }
}

function waitMs(attempt: number, retryAfterS: number | null): number {
  const base = retryAfterS !== null ? retryAfterS * 1000 : FIRST_WAIT_MS * 2 ** (attempt - 1)
  return Math.min(LONGEST_WAIT_MS, base) + Math.random() * FIRST_WAIT_MS
}

/** The sentence for a person, in the language in force; with the wait, if there is one. */
export function sentence(problem: Problem): string {
  const said = either(problem.zh, problem.en)
  return problem.waitS === null ? said : said + s('againIn', { n: problem.waitS })
}
