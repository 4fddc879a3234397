// What the later screens say: their own words, and those of the first page.  其他页面词句

import { catalogue } from '../../shared/i18n'
import { t as first, type Word as FirstWord } from '.'
import zh from './more-zh'

type OwnWord = keyof typeof zh
export type Word = FirstWord | OwnWord

const own = catalogue(zh, () => import('./more-en'))

export function t(word: Word, blanks?: Record<string, string | number>): string {
  return word in zh ? own(word as OwnWord, blanks) : first(word as FirstWord, blanks)
}
