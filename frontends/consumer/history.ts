// All my draws, each checked on this phone, one after another.  历次摇号

import { ref, shallowRef } from 'vue'
import type { Schema } from '../shared/api'
import { ask, type Problem } from '../shared/ask'
import { canCheck } from '../shared/proof/device'
import type { OfDay } from '../shared/proof/engine'
import { wantedCampaign } from './campaign'
import { makeProof } from './proof-file'
import { api } from './session'

export interface Drawn {
  line: Schema['DrawLine']
  /** whole, partly or wrong as the check found it; unread when there was nothing to check. */
  check: 'waiting' | 'whole' | 'partly' | 'wrong' | 'unread'
  found: OfDay | null
}

type DayLine = Schema['DayList']['days'][number]

export const draws = ref<Drawn[] | null>(null)
/** How many entered and won on each day, for everybody; a day that is not told is left out. */
export const days = shallowRef<Record<number, DayLine>>({})
export const problem = ref<Problem | null>(null)
/** Of 100 people with these chances, how many win nothing; null until all days are checked. */
export const noneOf100 = shallowRef<number | null>(null)

let turn = 0

export async function checkAll(): Promise<void> {
  const mine = ++turn
  noneOf100.value = null
  days.value = {}
  const answer = await ask(() => api.GET('/api/v1/draws'))
  problem.value = answer.ok ? null : answer.problem
  if (!answer.ok || mine !== turn) return
  draws.value = answer.data.items.map((line) => ({ line, check: 'waiting', found: null }))
  void loadDays(mine)
  if (!canCheck()) return
  const engine = await import('../shared/proof/engine').catch(() => null)
  for (const each of draws.value) {
    if (mine !== turn) return
    if (engine && each.line.state !== 'pending') await checkOne(engine, each)
    else each.check = 'unread'
  }
  if (engine && mine === turn) {
    noneOf100.value = engine.chanceOfNone(counted().map((each) => each.found!.parts))
  }
}

// Beside one's own number stands how many came and won; without an answer the rest still holds.
async function loadDays(mine: number): Promise<void> {
  const params = { query: wantedCampaign() }
  const answer = await ask(() => api.GET('/api/v1/public/days', { params }))
  if (!answer.ok || mine !== turn) return
  days.value = Object.fromEntries(answer.data.days.map((each) => [each.day, each]))
}

async function checkOne(engine: typeof import('../shared/proof/engine'), each: Drawn): Promise<void> {
  const made = await makeProof(each.line.day)
  if (!made.ok) {
    each.check = 'unread'
    return
  }
  const checked = await engine.runCheck(made.file.text, made.file.known, () => undefined)
  const found = checked.state === 'wrong' ? null : engine.ofDay(checked.facts)
  // A sound proof of another day, or of another outcome than the one listed, proves nothing here.
  const fits = found && found.day === each.line.day && found.kept === (each.line.state === 'won')
  each.found = fits ? found : null
  each.check = checked.state === 'wrong' || (found && !fits) ? 'wrong' : found ? checked.state : 'unread'
}

/** The days whose outcome holds. */
export function counted(): Drawn[] {
  return (draws.value ?? []).filter((each) => each.found)
}
