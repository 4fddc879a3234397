// What the statements page says.  结算单词句

import { catalogue } from '../../shared/i18n'
import zh from './statements-zh'

export type StatementWord = keyof typeof zh
export const w = catalogue(zh, () => import('./statements-en'))
