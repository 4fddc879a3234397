// Puts a draw's proof file together from what this phone kept and the house's doors.  摇号证明
//
// The format is huiquan/draw-proof/1 of docs/lottery.md, section 9. Nothing is checked here.

import type { Schema } from '../shared/api'
import { ask, type Problem } from '../shared/ask'
import { recallJson } from '../shared/keep'
import { serverNowMs } from '../shared/time'
import type { Known } from '../shared/verify/proof'
import { api } from './session'

export interface ProofFile {
  text: string
  known: Known
  hasReceipt: boolean
  /** The outcome is not known yet; the file is evidence of the entry alone. */
  isPending: boolean
  /** The promise's seconds, when they are over and the log does not have the round. */
  overdueS: number | null
}

type Made = { ok: true; file: ProofFile } | { ok: false; problem: Problem }
type Outcome = { seal: string; log?: unknown }

// In a seal the config's hash follows one byte of version.
const HASH_FROM = 2
const HASH_TO = 66
const NOT_THERE = ['not_yet_drawn', 'no_draw_that_day']

/** Make the proof file of a day, or say why there is nothing to make it from. */
export async function makeProof(day: number): Promise<Made> {
  const receipt = recallJson<Schema['EntryReceipt']>(`receipt:${day}`)
  const path = { day }
  const asked = await ask(() => api.GET('/api/v1/draws/{day}/receipt', { params: { path } }))
  // Without an answer, or with "no such draw", a kept receipt is all the more worth keeping.
  if (!asked.ok && !receipt) return asked
  if (!asked.ok && NOT_THERE.indexOf(asked.problem.code) < 0) return asked
  const outcome = asked.ok ? (asked.data as unknown as Outcome) : null
  const configs = await configsOf(hashesOf(receipt, outcome))
  if (!configs.ok) return configs
  const keys = await ask(() => api.GET('/api/v1/public/keys'))
  if (!keys.ok) return keys
  const lost = lostIn(keys.data)
  const changed = lost?.length ? await epochOf(configs.data[0]?.text) : undefined
  const nonce = recallJson<string>(`nonce:${day}`) ?? undefined
  const file = {
    format: 'huiquan/draw-proof/1',
    configs: configs.data,
    entry_receipt: receipt,
    outcome_receipt: outcome,
    ...(changed ? { epoch: changed } : {}),
  }
  return {
    ok: true,
    file: {
      text: JSON.stringify(file, null, 1),
      known: { keys: keys.data as Known['keys'], lost, nonce },
      hasReceipt: receipt !== null,
      isPending: outcome === null,
      overdueS: receipt && !outcome?.log ? overdue(receipt) : null,
    },
  }
}

// The config that the round was sealed under comes first, then the receipt's, if it is another.
function hashesOf(receipt: Schema['EntryReceipt'] | null, outcome: Outcome | null): string[] {
  const sealed = outcome ? [outcome.seal.slice(HASH_FROM, HASH_TO)] : []
  const named = receipt ? [receipt.cfg_hash] : []
  return Array.from(new Set([...sealed, ...named]))
}

// Where a key was declared lost, a declaration leads from it to the one that follows.
async function epochOf(config: string | undefined): Promise<unknown> {
  if (config === undefined) return undefined
  try {
    const { campaign } = JSON.parse(config) as { campaign: string }
    const answer = await fetch(`/log/${encodeURIComponent(campaign)}/epoch`)
    return answer.ok ? await answer.json() : undefined
  } catch {
    return undefined
  }
}

function lostIn(keys: unknown): Known['lost'] {
  return (keys as { lost?: Known['lost'] }).lost
}

type SignedText = { text: string; platform: string; approver: string }

// A config never changes, and one serves several days: it is fetched once.
const fetched = new Map<string, SignedText>()

async function configsOf(
  hashes: string[],
): Promise<{ ok: true; data: SignedText[] } | { ok: false; problem: Problem }> {
  const data: SignedText[] = []
  for (const cfg_hash of hashes) {
    const held = fetched.get(cfg_hash)
    if (held) {
      data.push(held)
      continue
    }
    const params = { path: { cfg_hash } }
    const at = '/api/v1/public/configs/{cfg_hash}'
    // As text, because its hash is that of these very bytes.
    const text = await ask(() => api.GET(at, { params, parseAs: 'text' }))
    const signed = await ask(() => api.GET(`${at}/signatures`, { params }))
    if (!text.ok) return text
    if (!signed.ok) return signed
    const { platform, approver } = signed.data
    fetched.set(cfg_hash, { text: text.data as unknown as string, platform, approver })
    data.push(fetched.get(cfg_hash)!)
  }
  return { ok: true, data }
}

function overdue(receipt: Schema['EntryReceipt']): number | null {
  const promiseS = Number(receipt.promise)
  const dueMs = Date.parse(receipt.entered_at) + promiseS * 1000
  return serverNowMs() > dueMs ? promiseS : null
}
