// What the house wrote down by itself, said in the language in force.  系统自记的文字

import { either } from '../shared/i18n'

/** "凭证齐全 evidence complete" -> one of its halves; what a person wrote stays whole. */
export function spoken(text: string): string {
  const halves = /^(.*[^\x00-\x7f]) ([a-z][\x00-\x7f]+)$/.exec(text)
  return halves ? either(halves[1]!, halves[2]!) : text
}
