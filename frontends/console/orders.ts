// What the orders page shows: orders, one order's chain of evidence, warehouses.  线上订单数据

import { ref } from 'vue'
import type { Schema } from '../shared/api'
import { ask, sentence, type Answer } from '../shared/ask'
import { campaign } from './desk'
import { showSaid } from './in-sight'
import { api } from './session'

export type OrderLine = Schema['ShownOrderLine']
export type OrderFile = Schema['ShownOrderFile']
export type OrderCase = Schema['ShownOrderCase']
export type Warehouse = Schema['ShownWarehouse']

export const orders = ref<OrderLine[] | null>(null)
export const warehouses = ref<Warehouse[] | null>(null)
export const troubledOnly = ref(false)
export const chosen = ref<OrderFile | null>(null)
export const trouble = ref('')

function kept<T>(answer: Answer<T>): T | null {
  trouble.value = answer.ok ? '' : sentence(answer.problem)
  if (!answer.ok) showSaid()
  return answer.ok ? answer.data : null
}

export async function loadOrders(): Promise<void> {
  if (campaign.value === null) return
  const query = { campaign: campaign.value, troubled: troubledOnly.value }
  const told = await ask(() => api.GET('/api/v1/console/orders', { params: { query } }), Infinity)
  orders.value = kept(told)?.items ?? orders.value
}

export async function loadWarehouses(): Promise<void> {
  const told = await ask(() => api.GET('/api/v1/console/warehouses'), Infinity)
  warehouses.value = kept(told)?.items ?? warehouses.value
}

export async function choose(platform: string, orderRef: string): Promise<void> {
  const path = '/api/v1/console/orders/{platform}/{order_ref}'
  const params = { path: { platform, order_ref: orderRef } }
  chosen.value = kept(await ask(() => api.GET(path, { params })))
}

async function again(): Promise<void> {
  const said = trouble.value
  const one = chosen.value
  await Promise.all([loadOrders(), one ? choose(one.platform, one.order_ref) : null])
  trouble.value = said
}

export async function assignCase(number: number, owner: string): Promise<void> {
  const path = '/api/v1/console/order-cases/{case}/owner'
  const params = { path: { case: number } }
  kept(await ask(() => api.POST(path, { params, body: { owner } })))
  await again()
}

/** Gives whether the case is closed by it; null when it was refused. */
export async function ruleCase(
  number: number,
  decision: Schema['OrderDecision'],
  reason: string,
): Promise<boolean | null> {
  const path = '/api/v1/console/order-cases/{case}/ruling'
  const params = { path: { case: number } }
  const done = kept(await ask(() => api.POST(path, { params, body: { decision, reason } })))
  await again()
  return done ? done.is_final : null
}

/** Gives whether the warehouse is open by it; null when it was refused. */
export async function approve(warehouse: number): Promise<boolean | null> {
  const path = '/api/v1/console/warehouses/{warehouse}/approve'
  const done = kept(await ask(() => api.POST(path, { params: { path: { warehouse } } })))
  const said = trouble.value
  await loadWarehouses()
  trouble.value = said
  return done ? done.is_open : null
}

export async function closeDown(warehouse: number, reason: string): Promise<boolean> {
  const path = '/api/v1/console/warehouses/{warehouse}/close'
  const params = { path: { warehouse } }
  const done = kept(await ask(() => api.POST(path, { params, body: { reason } })))
  const said = trouble.value
  await loadWarehouses()
  trouble.value = said
  return done !== null
}
