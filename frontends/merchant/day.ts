// Today at this store: sums and the list.  今日

import { ref } from 'vue'
import type { Schema } from '../shared/api'
import { ask, type Problem } from '../shared/ask'
import { api } from './session'

export const day = ref<Schema['TillToday'] | null>(null)
export const dayProblem = ref<Problem | null>(null)

export async function loadDay(): Promise<void> {
  const answer = await ask(() => api.GET('/api/v1/till/today'))
  dayProblem.value = answer.ok ? null : answer.problem
  if (answer.ok) day.value = answer.data
}
