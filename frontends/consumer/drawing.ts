// One press of the draw button, from the location to the outcome.  参与摇号
//
//     idle -> locating -> entering -> drawing -> outcome
//                 \         |    ^ \      \-> later     the outcome is not there yet
//                  \        v    |  \-> unknown         no answer: ask again with the same key
//                   \      queueing                     many are coming: wait as long as we are told
//                    \-> failed                         a rule or the phone said no

import { ref } from 'vue'
import { announce } from '../shared/announce'
import type { Schema } from '../shared/api'
import { ask, MOST_TRIES, sentence } from '../shared/ask'
import { locate, type Place } from '../shared/bridge/location'
import { keepJson } from '../shared/keep'
import { hold, pending, randomHex, settle } from '../shared/keys'
import { serverNowMs, sleep, today } from '../shared/time'
import { drawDay, now } from './campaign'
import { loadMine, todaysDraw } from './mine'
import { api } from './session'
import { t } from './words'

type Running = 'locating' | 'entering' | 'queueing' | 'drawing'
type Step = 'idle' | Running | 'outcome' | 'later' | 'unknown' | 'failed'

export const step = ref<Step>('idle')
export const failure = ref('')
/** The refusal behind it; '' where the phone said no. */
export const failedBy = ref('')
export const receiptMatches = ref(true)
/** While many are coming: when this page asks again, and which of its tries that is. */
export const queue = ref({ until: 0, nextTry: 1, tries: MOST_TRIES })

interface Press {
  day: number
  pack: number
  client_nonce: string
  location: Place
}

const PURPOSE = 'draw'
const SHORTEST_TURN_MS = 1200
const SPREAD_MS = 3000
const FIRST_MINUTE_MS = 60_000
// The house holds a look until the outcome is there; between looks we wait longer each time.
const LOOK_AFTER_MS = [0, 500, 600, 800, 1100, 1500, 2000, 2600]
const HOLD_S = 2
const NONCE_FROM = 64
const NONCE_TO = 96

/** A press of today that still waits for its answer; its pack is the one to ask about. */
export function waitingPress(): Press | null {
  const held = pending<Press>(PURPOSE)
  return held && held.body.day === today() ? held.body : null
}

export async function draw(pack: number): Promise<void> {
  const press = heldPress() ?? (await newPress(pack))
  if (!press) return
  await spread()
  const { day: _, ...body } = press.body
  const request = { request_key: press.request_key, ...body }
  let answer = await enter(request)
  if (!answer.ok && answer.problem.code === 'work_needed') {
    const proof = await doWork()
    if (proof) answer = await enter({ ...request, proof })
  }
  if (!answer.ok && answer.problem.kind !== 'refused') {
    // Whoever has to sign in again finds the same press waiting.
    step.value = answer.problem.kind === 'signed_out' ? 'idle' : 'unknown'
    return
  }
  settle(PURPOSE)
  if (answer.ok) {
    keepReceipt(answer.data, press.body.client_nonce)
    await watchOutcome(answer.data.day)
  } else if (answer.problem.code === 'already_entered') {
    await watchOutcome(drawDay())
  } else {
    fail(sentence(answer.problem), answer.problem.code)
  }
}

async function enter(body: Schema['Entering']) {
  step.value = 'entering'
  const send = () => {
    step.value = 'entering'
    return api.POST('/api/v1/draws', { body })
  }
  return ask(send, MOST_TRIES, (problem, ms, nextTry) => {
    if (problem.kind !== 'busy') return
    queue.value = { until: Date.now() + ms, nextTry, tries: MOST_TRIES }
    step.value = 'queueing'
  })
}

// When machines tap in masses, each page is asked for a second of work. It runs beside the page.
async function doWork(): Promise<string | null> {
  const task = await ask(() => api.GET('/api/v1/draw-task'))
  return task.ok ? (await import('./work')).solve(task.data) : null
}

function heldPress() {
  const held = pending<Press>(PURPOSE)
  if (held && held.body.day !== today()) settle(PURPOSE)
  return waitingPress() ? held : null
}

async function newPress(pack: number) {
  step.value = 'locating'
  const located = await locate()
  if (!located.ok) {
    fail(located.reason)
    return null
  }
  const client_nonce = randomHex(16)
  return hold<Press>(PURPOSE, { day: today(), pack, client_nonce, location: located.place })
}

function fail(reason: string, code = ''): void {
  failure.value = reason
  failedBy.value = code
  step.value = 'failed'
}

// In the first minute the presses of a whole province would arrive in one second. Nobody loses by
// this wait: every minute of the day has the same chance.
async function spread(): Promise<void> {
  const opened = Date.parse(now.value?.opens_at ?? '')
  const sinceOpeningMs = serverNowMs() - opened
  if (sinceOpeningMs >= 0 && sinceOpeningMs < FIRST_MINUTE_MS) {
    step.value = 'drawing'
    await sleep(Math.random() * SPREAD_MS)
  }
}

// The receipt must carry the number this phone chose, so nobody else's entry can pass for ours.
function keepReceipt(receipt: Schema['EntryReceipt'], nonce: string): void {
  keepJson(`receipt:${receipt.day}`, receipt)
  keepJson(`nonce:${receipt.day}`, nonce)
  receiptMatches.value = receipt.entry.slice(NONCE_FROM, NONCE_TO).toLowerCase() === nonce
}

async function watchOutcome(day: number): Promise<void> {
  step.value = 'drawing'
  const started = Date.now()
  for (const waitMs of LOOK_AFTER_MS) {
    await sleep(waitMs)
    const outcome = await look(day, HOLD_S)
    if (!outcome || outcome.state === 'pending') continue
    // On a list nothing is drawn before the notary's ceremony: there is nothing to watch.
    if (outcome.state === 'listed') break
    await sleep(Math.max(0, SHORTEST_TURN_MS - (Date.now() - started)))
    show(outcome)
    return
  }
  step.value = 'later'
  announce(t('later'))
  void loadMine()
}

async function look(day: number, wait = 0): Promise<Schema['Draw'] | null> {
  const params = { path: { day }, query: { wait } }
  const answer = await ask(() => api.GET('/api/v1/draws/{day}', { params }), 2)
  return answer.ok ? answer.data : null
}

function show(outcome: Schema['Draw']): void {
  todaysDraw.value = outcome
  step.value = 'outcome'
  announce(t(outcome.state === 'won' ? 'won' : 'missed'))
  void loadMine()
}

/** Asked from the front page: is a pending outcome there by now? */
export async function lookAgain(day: number): Promise<void> {
  const outcome = await look(day)
  if (outcome && outcome.state !== 'pending') show(outcome)
  else step.value = 'later'
}

/** Show today's outcome once more, without a new draw. */
export function showAgain(): void {
  step.value = 'outcome'
}

export function closeDraw(): void {
  step.value = 'idle'
}
