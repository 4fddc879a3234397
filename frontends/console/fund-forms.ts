// What officials book about the fund; after each deed the page is read anew.  资金办理

import type { Schema } from '../shared/api'
import { ask, type Answer } from '../shared/ask'
import { questionKey } from '../shared/keys'
import { yuan } from '../shared/money'
import { campaign } from './desk'
import { loadFund } from './fund'
import { fenOf, numberOf, outcome, textOf, type Filled, type Outcome } from './forms'
import { api } from './session'
import { f } from './words/fund'

// A tranche that is planned has no bank's reference yet by which it would be known.
const planning = questionKey()

async function done<T>(answer: Answer<T>, words: (data: T) => string): Promise<Outcome> {
  const came = outcome(answer, words)
  await loadFund()
  return came
}

function ours(): number {
  return campaign.value ?? 0
}

const inAll = (data: Schema['FundSum']) => f('inAll', { sum: `¥${yuan(data.fen)}` })

export async function planTranche(filled: Filled): Promise<Outcome> {
  const words = {
    campaign: ours(),
    planned_fen: fenOf(filled.sum),
    due_on: filled.day ?? '',
    payer: textOf(filled.payer) ?? '',
    payer_account: textOf(filled.account) ?? '',
  }
  const body = { request_key: planning.of(words), ...words }
  const answer = await ask(() => api.POST('/api/v1/console/fund/tranches', { body }))
  if (answer.ok) planning.settle()
  return done(answer, (data) => f('trancheDone', { n: data.tranche }))
}

export async function receiveTranche(filled: Filled): Promise<Outcome> {
  const params = { path: { tranche: numberOf(filled.tranche) ?? 0 } }
  const body = { campaign: ours(), amount_fen: fenOf(filled.sum), bank_ref: filled.ref ?? '' }
  const path = '/api/v1/console/fund/tranches/{tranche}/receive'
  return done(await ask(() => api.POST(path, { params, body })), inAll)
}

export async function compensate(filled: Filled): Promise<Outcome> {
  const body = {
    campaign: ours(),
    amount_fen: fenOf(filled.sum),
    bank_ref: filled.ref ?? '',
    payer: textOf(filled.payer) ?? '',
    reason: textOf(filled.reason) ?? '',
    redemption: textOf(filled.redemption),
  }
  return done(await ask(() => api.POST('/api/v1/console/fund/compensations', { body })), inAll)
}

export async function repay(filled: Filled): Promise<Outcome> {
  const body = {
    campaign: ours(),
    merchant: numberOf(filled.merchant) ?? 0,
    amount_fen: fenOf(filled.sum),
    bank_ref: filled.ref ?? '',
  }
  const answer = await ask(() => api.POST('/api/v1/console/fund/repayments', { body }))
  return done(answer, (data) => f('stillOwed', { sum: `¥${yuan(data.fen)}` }))
}

export async function pledge(filled: Filled): Promise<Outcome> {
  const body = {
    campaign: ours(),
    pledged_fen: fenOf(filled.sum),
    document: textOf(filled.document) ?? '',
    merchant: numberOf(filled.merchant),
  }
  const answer = await ask(() => api.POST('/api/v1/console/fund/pledges', { body }))
  return done(answer, (data) => f('pledgeDone', { n: data.pledge }))
}

/** The bank has paid a share of the remainder back; the amount is the share's, not typed. */
export async function returnShare(
  share: Schema['FundShare'],
  filled: Filled,
): Promise<Outcome> {
  const params = { path: { tranche: share.tranche } }
  const body = { campaign: ours(), amount_fen: share.amount_fen, bank_ref: filled.ref ?? '' }
  const path = '/api/v1/console/fund/closing/shares/{tranche}/return'
  const answer = await ask(() => api.POST(path, { params, body }))
  return done(answer, (data) => f('toGo', { sum: `¥${yuan(data.fen)}` }))
}
