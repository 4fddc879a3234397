// What can be wrong with a proof: one word for each, and where it was found.  错误
//
// The words are those of the day's verifier; the sentences stand in the words beside this file.

export const FAULTS = [
  'unreadable',
  'keys_differ',
  'bad_signature',
  'config_flawed',
  'config_unknown',
  'config_not_in_force',
  'configs_disagree',
  'epoch_undeclared',
  'old_key_used',
  'chain_broken',
  'wrong_count',
  'wrong_root',
  'wrong_entry',
  'wrong_lane',
  'unknown_pack',
  'wrong_stock',
  'wrong_slot',
  'bad_proof',
  'wrong_draw',
  'wrong_table',
  'log_broken',
  'not_logged',
  'no_quorum',
  'not_yours',
] as const

export type Fault = (typeof FAULTS)[number]

/** The first thing that is wrong. `where` names the member or rule, for whoever looks closer. */
export class Wrong extends Error {
  readonly fault: Fault
  readonly where: string

  constructor(fault: Fault, where: string) {
    super(`${fault}: ${where}`)
    this.fault = fault
    this.where = where
  }
}

/** Go on if it holds; otherwise this is the first thing that is wrong. */
export function must(holds: unknown, fault: Fault, where: string): asserts holds {
  if (!holds) throw new Wrong(fault, where)
}
