// The rooms of the console, and which of them are open to whoever is signed in.  功能页

import { computed } from 'vue'
import { mayDecide } from './session'
import type { Word } from './words'

export type Room =
  | 'overview'
  | 'fund'
  | 'settlement'
  | 'reconciliation'
  | 'orders'
  | 'register'
  | 'objections'

interface Way {
  name: Room
  address: string
  word: Word
}

const OVERVIEW: Way = { name: 'overview', address: '#/', word: 'overview' }

// Money and lists are one for the province: a city's officials look at their city's figures only.
const OF_THE_PROVINCE: Way[] = [
  { name: 'fund', address: '#/fund', word: 'roomFund' },
  { name: 'settlement', address: '#/settlement', word: 'roomSettlement' },
  { name: 'reconciliation', address: '#/reconciliation', word: 'roomReconciliation' },
  { name: 'orders', address: '#/orders', word: 'roomOrders' },
  { name: 'register', address: '#/register', word: 'roomRegister' },
  { name: 'objections', address: '#/objections', word: 'objections' },
]

/** Whether an address names a room that is the province's. */
export function isOfTheProvince(name: string): boolean {
  return OF_THE_PROVINCE.some((way) => way.name === name)
}

export const rooms = computed(() => (mayDecide.value ? [OVERVIEW, ...OF_THE_PROVINCE] : [OVERVIEW]))
