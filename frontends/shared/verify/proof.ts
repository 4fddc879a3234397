// A consumer's proof file, checked step by step (docs/lottery.md, section 9).  摇号证明
//
// The steps come one by one, so a page can tick each when it was done. After the first thing
// that is wrong nothing more is said: what follows would rest on it.

import { fromHex, same, toHex, type Bytes } from './bytes.ts'
import { spell, type Json } from './canonical.ts'
import type { Checkpoint } from './checkpoint.ts'
import { checkNotice, PARTIES, readConfig, type Config, type Party } from './config.ts'
import { checkDealing } from './dealing.ts'
import type { Drawn } from './drawing.ts'
import { checkLeads, checkSide, readDeclared, type Declared } from './epoch.ts'
import * as receipts from './receipts.ts'
import { Reading } from './reading.ts'
import { signed } from './signatures.ts'
import { must, Wrong, type Fault } from './wrong.ts'

export const PROOF_FORMAT = 'huiquan/draw-proof/1'

export type Step =
  | 'file' | 'promise' | 'approved' | 'keys' | 'receipt' | 'mine'
  | 'sealed' | 'notary' | 'auditor' | 'outcome' | 'log' | 'dealing'

/** right: checked and good. missing: the file or the asker has nothing to check it by. */
export interface Line {
  step: Step
  state: 'right' | 'missing' | 'wrong'
  fault?: Fault
  where?: string
}

/** What the checked steps have shown so far; each member is there once its step was right. */
export interface Facts {
  config?: Config
  receipt?: receipts.EntryReceipt
  outcome?: receipts.OutcomeReceipt
  drawn?: Drawn
  checkpoint?: Checkpoint
}

/** What the asker knows from elsewhere: keys in hex, and the number their own phone chose. */
export interface Known {
  keys?: Partial<Record<Party, string>>
  /** Keys that were declared lost: what they signed before stays signed. */
  lost?: Array<{ role: string; key: string }>
  nonce?: string
}

export interface Verdict {
  /** whole: all steps right. partly: right, but something was not there to be checked. */
  state: 'whole' | 'partly' | 'wrong'
  lines: Line[]
  facts: Facts
}

interface Work {
  file: { configs: unknown[]; entry_receipt: unknown; outcome_receipt: unknown; epoch?: unknown }
  known: Known
  facts: Facts
  other?: Config
  declared?: Declared
  betas: { notary?: Bytes; auditor?: Bytes }
}

const read = new Reading('unreadable')
const MISSING = 'missing'
// A person's own number is known on their own phone alone; elsewhere nothing is missing.
const MAY_BE_MISSING: Step[] = ['keys', 'mine']

const STEPS: Array<[Step, (work: Work) => unknown]> = [
  ['promise', readPromise],
  ['approved', checkApproved],
  ['keys', checkKeys],
  ['receipt', checkReceipt],
  ['mine', checkMine],
  ['sealed', checkSealed],
  ['notary', (work) => checkSigner(work, 'notary')],
  ['auditor', (work) => checkSigner(work, 'auditor')],
  ['outcome', checkOutcome],
  ['log', checkLog],
  ['dealing', checkDealt],
]

/** Check a proof file's text; yields a line for each step and fills `facts` on the way. */
export function* check(text: string, known: Known, facts: Facts): Generator<Line> {
  let step: Step = 'file'
  try {
    const work: Work = { file: readFile(text), known, facts, betas: {} }
    yield { step, state: 'right' }
    for (const [name, run] of STEPS) {
      step = name
      yield { step, state: run(work) === MISSING ? 'missing' : 'right' }
    }
  } catch (fault) {
    if (fault instanceof Wrong) yield { step, state: 'wrong', fault: fault.fault, where: fault.where }
    // Whatever else goes wrong, in this program or the file, proves nothing.
    else yield { step, state: 'wrong', fault: 'unreadable', where: String(fault) }
  }
}

/** Check a proof file in one go. */
export function checkAll(text: string, known: Known = {}): Verdict {
  const facts: Facts = {}
  const lines = [...check(text, known, facts)]
  return { state: verdictOf(lines), lines, facts }
}

export function verdictOf(lines: Line[]): Verdict['state'] {
  if (lines.some((line) => line.state === 'wrong')) return 'wrong'
  const lacking = (line: Line) =>
    line.state === 'missing' && MAY_BE_MISSING.indexOf(line.step) < 0
  return lines.some(lacking) ? 'partly' : 'whole'
}

function readFile(text: string): Work['file'] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    must(false, 'unreadable', 'json')
  }
  const names = ['format', 'configs', 'entry_receipt', 'outcome_receipt']
  const changed = 'epoch' in read.members(value, 'proof')
  const found = read.exactly(value, changed ? [...names, 'epoch'] : names, 'proof')
  must(found['format'] === PROOF_FORMAT, 'unreadable', 'proof.format')
  const configs = read.list(found['configs'], 'proof.configs')
  must(configs.length === 1 || configs.length === 2, 'unreadable', 'proof.configs')
  const [entry_receipt, outcome_receipt] = [found['entry_receipt'], found['outcome_receipt']]
  must(entry_receipt !== null || outcome_receipt !== null, 'unreadable', 'proof.entry_receipt')
  return { configs, entry_receipt, outcome_receipt, epoch: found['epoch'] }
}

function readPromise(work: Work): void {
  const [first, second] = work.file.configs.map((each, at) => {
    const members = read.exactly(each, ['text', 'platform', 'approver'], `configs.${at}`)
    const config = readConfig(read.text(members['text'], `configs.${at}.text`, Infinity))
    checkNotice(config)
    return config
  })
  work.facts.config = first!
  work.other = second
  if (work.file.epoch !== undefined) {
    work.declared = readDeclared(work.file.epoch)
    for (const config of second ? [first!, second] : [first!]) checkLeads(work.declared, config)
  }
  if (second) checkStaying(first!, second, work.declared)
}

// Through a campaign these stay, and within an epoch the keys do (section 2), so one set of keys
// speaks for both configs. A declared change of keys was checked against each before.
function checkStaying(one: Config, other: Config, declared?: Declared): void {
  const staying = (config: Config) => [
    config.lanes, config.origin, config.campaign, toHex(startOf(config)),
    ...(declared ? [] : [config.epoch, ...PARTIES.map((party) => toHex(config.keys[party]))]),
  ]
  must(!same(one.hash, other.hash), 'config_unknown', 'configs.1')
  must(spell(staying(one)) === spell(staying(other)), 'configs_disagree', 'configs.1')
}

function startOf(config: Config): Bytes {
  return config.epochStart ?? config.hash
}

function checkApproved(work: Work): void {
  const both = [work.facts.config!, work.other]
  work.file.configs.forEach((each, at) => {
    const config = both[at]!
    for (const party of ['platform', 'approver'] as const) {
      const where = `configs.${at}.${party}`
      const signature = read.hex((each as Record<string, unknown>)[party], where, 64)
      const right = signed(config.keys[party], `config/${party}`, config.hash, signature)
      must(right, 'bad_signature', where)
    }
  })
}

function checkKeys(work: Work): string | void {
  const known = work.known.keys
  if (!known) return MISSING
  for (const party of PARTIES) {
    if (known[party] === undefined) continue
    const key = fromHex(known[party], 32)
    const named = work.facts.config!.keys[party]
    const right = key && (same(key, named) || isChanged(work, party, key, toHex(named)))
    must(right, 'keys_differ', `config.keys.${party}`)
  }
}

// A key that is known from before a change of keys, or from after it, stands for the other one.
function isChanged(work: Work, party: Party, known: Bytes, named: string): boolean {
  const lost = work.known.lost?.some((each) => each.role === party && each.key === named)
  const declared = work.declared
  if (!declared || party !== declared.role) return lost === true
  return lost === true || same(known, declared.newKey) || same(known, declared.keys[party])
}

function checkReceipt(work: Work): string | void {
  if (work.file.entry_receipt === null) {
    must(!work.other, 'config_unknown', 'configs.1')
    return MISSING
  }
  const config = work.facts.config!
  const receipt = receipts.checkEntryReceipt(work.file.entry_receipt, config.keys.platform)
  const named = [config, work.other].find((each) => each && same(each.hash, receipt.cfgHash))
  must(named, 'config_unknown', 'entry_receipt.cfg_hash')
  must(named.activeMs <= receipt.enteredMs, 'config_not_in_force', 'entry_receipt.entered_at')
  must(!work.other || named === work.other, 'config_unknown', 'configs.1')
  // Of two that have begun, the one that began last is in force.
  const replaced = work.other && config.activeMs > named.activeMs
  must(!replaced || config.activeMs > receipt.enteredMs, 'config_not_in_force', 'configs.0')
  const stands = named.days[String(receipt.entry.day)]?.standsMs ?? Infinity
  must(stands <= receipt.enteredMs, 'config_not_in_force', 'entry_receipt.entered_at')
  work.facts.receipt = receipt
}

function checkMine(work: Work): string | void {
  const nonce = work.known.nonce
  if (nonce === undefined) return MISSING
  const entry = work.facts.receipt?.entry ?? readOutcome(work)?.entry
  must(entry && toHex(entry.nonce) === nonce, 'not_yours', 'entry.client_nonce')
}

function readOutcome(work: Work): receipts.OutcomeReceipt | undefined {
  if (work.file.outcome_receipt === null) return undefined
  work.facts.outcome ??= receipts.readOutcomeReceipt(work.file.outcome_receipt)
  return work.facts.outcome
}

function checkSealed(work: Work): string | void {
  const outcome = readOutcome(work)
  if (!outcome) return MISSING
  const receipt = work.facts.receipt
  if (receipt) must(same(receipt.entry.raw, outcome.entry.raw), 'wrong_entry', 'outcome_receipt.entry')
  const day = receipts.checkSealed(outcome, work.facts.config!)
  if (work.declared) checkSide(work.declared, outcome.seal)
  // The day was promised once: both configs must give the pack the same table.
  const other = work.other?.days[String(outcome.entry.day)]
  const bounds = (one: typeof day) =>
    spell(one.tables[outcome.entry.pack]!.map((row) => [toHex(row.bound), row.tier]) as Json)
  if (work.other) {
    const promised = other?.tables[outcome.entry.pack] && bounds(other) === bounds(day)
    must(promised, 'configs_disagree', 'configs.1.days')
  }
}

function checkSigner(work: Work, party: 'notary' | 'auditor'): string | void {
  const outcome = work.facts.outcome
  if (!outcome) return MISSING
  const role = party === 'notary' ? 'N' : 'W'
  work.betas[party] = receipts.checkSigner(outcome, work.facts.config!, role)
}

function checkOutcome(work: Work): string | void {
  const { outcome, config } = work.facts
  if (!outcome || !config) return MISSING
  const { notary, auditor } = work.betas
  const tables = config.days[String(outcome.entry.day)]!.tables
  const betas = { notary: notary!, auditor: auditor! }
  work.facts.drawn = receipts.checkOutcome(outcome, tables, config.tiers, betas)
}

function checkLog(work: Work): string | void {
  const outcome = work.facts.outcome
  if (!outcome?.log) return MISSING
  work.facts.checkpoint = receipts.checkLog(outcome, work.facts.config!, work.declared)
}

function checkDealt(work: Work): void {
  const config = work.facts.config!
  const entry = (work.facts.outcome ?? work.facts.receipt)!.entry
  config.tiers.forEach((tier, at) => {
    if (tier.pack === entry.pack) checkDealing(config, entry.day, at + 1)
  })
}
