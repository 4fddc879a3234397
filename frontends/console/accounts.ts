// Requests for accounts: what waits, and what an official does with it.  收款账户

import type { Schema } from '../shared/api'
import { ask } from '../shared/ask'
import { api } from './session'
import { act } from './settlement'
import { a } from './words/accounts'

type Request = Schema['ShownAccountRequest']

const PATH = '/api/v1/console/account-requests'

export async function askFor(body: Schema['AccountAsked']): Promise<Request | null> {
  return act(
    () => ask(() => api.POST(PATH, { body })),
    (told) => a(told.is_in_force ? 'alreadyInForce' : 'askedNow'),
  )
}

export async function confirm(request: number, number: string): Promise<Request | null> {
  const params = { path: { request_id: request } }
  const body = { account_no: number.replace(/\s/g, '') }
  return act(
    () => ask(() => api.POST(`${PATH}/{request_id}/confirm`, { params, body })),
    (told) => a(told.is_in_force ? 'confirmedNow' : 'oneMore'),
  )
}

export async function refuse(request: number, reason: string): Promise<Request | null> {
  const params = { path: { request_id: request } }
  const body = { reason: reason.trim() }
  return act(
    () => ask(() => api.POST(`${PATH}/{request_id}/refuse`, { params, body })),
    (told) => a(told.state === 'withdrawn' ? 'withdrawnNow' : 'refusedNow'),
  )
}
