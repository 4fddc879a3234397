// One press of the draw button, from the location to the outcome.  参与摇号
//
//     idle -> locating -> entering -> drawing -> outcome
//                 \           \          \-> later     the outcome is not there yet
//                  \           \-> unknown             no answer: ask again with the same key
//                   \-> failed                         a rule or the phone said no

import { ref } from 'vue'
import { announce } from '../shared/announce'
import type { Schema } from '../shared/api'
import { ask, sentence } from '../shared/ask'
import { locate, type Place } from '../shared/bridge/location'
import { keepJson } from '../shared/keep'
import { hold, pending, randomHex, settle } from '../shared/keys'
import { serverNowMs, sleep, today } from '../shared/time'
import { now } from './campaign'
import { loadMine, todaysDraw } from './mine'
import { api } from './session'
import { t } from './words'

type Running = 'locating' | 'entering' | 'drawing'
type Step = 'idle' | Running | 'outcome' | 'later' | 'unknown' | 'failed'

export const step = ref<Step>('idle')
export const failure = ref('')
export const receiptMatches = ref(true)

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
// The outcome is usually there within a second; after these waits we stop asking so often.
const LOOK_AFTER_MS = [500, 600, 800, 1100, 1500, 2000, 2600, 3300, 4000, 5000]
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
  step.value = 'entering'
  await spread()
  const { day: _, ...body } = press.body
  const request = { request_key: press.request_key, ...body }
  const answer = await ask(() => api.POST('/api/v1/draws', { body: request }))
  if (!answer.ok && answer.problem.kind !== 'refused') {
    step.value = 'unknown'
    return
  }
  settle(PURPOSE)
  if (answer.ok) {
    keepReceipt(answer.data, press.body.client_nonce)
    await watchOutcome(answer.data.day)
  } else if (answer.problem.code === 'already_entered') {
    await watchOutcome(today())
  } else {
    fail(sentence(answer.problem))
  }
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

function fail(reason: string): void {
  failure.value = reason
  step.value = 'failed'
}

// In the first minute the presses of a whole province would arrive in one second.
async function spread(): Promise<void> {
  const opened = Date.parse(now.value?.opens_at ?? '')
  const sinceOpeningMs = serverNowMs() - opened
  if (sinceOpeningMs >= 0 && sinceOpeningMs < FIRST_MINUTE_MS) {
    await sleep(Math.random() * SPREAD_MS)
  }
}

// The receipt must carry the number this phone chose, so nobody else's entry can pass for ours.
function keepReceipt(receipt: Schema['EntryReceipt'], nonce: string): void {
  keepJson(`receipt:${receipt.day}`, receipt)
  receiptMatches.value = receipt.entry.slice(NONCE_FROM, NONCE_TO).toLowerCase() === nonce
}

async function watchOutcome(day: number): Promise<void> {
  step.value = 'drawing'
  const started = Date.now()
  for (const waitMs of LOOK_AFTER_MS) {
    await sleep(waitMs)
    const outcome = await look(day)
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

async function look(day: number): Promise<Schema['Draw'] | null> {
  const answer = await ask(() => api.GET('/api/v1/draws/{day}', { params: { path: { day } } }), 2)
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
