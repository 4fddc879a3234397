// What can be wrong with a proof: one word for each, and where it was found.  错误
//
// The sentences for people stand in ../words/verify-zh.ts and ../words/verify-en.ts.

export type Fault =
  | 'bad_format'
  | 'bad_config'
  | 'too_late'
  | 'bad_signature'
  | 'bad_entry'
  | 'wrong_entry'
  | 'wrong_key'
  | 'wrong_config'
  | 'not_mine'
  | 'bad_seal'
  | 'wrong_root'
  | 'bad_proof'
  | 'wrong_draw'
  | 'wrong_table'
  | 'wrong_stock'
  | 'wrong_log'
  | 'no_quorum'
  | 'wrong_dealing'

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
