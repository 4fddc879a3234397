// What the settlement page says.  清算页词句

import { catalogue } from '../../shared/i18n'
import zh from './settlement-zh'

export type MoneyWord = keyof typeof zh
export const m = catalogue(zh, () => import('./settlement-en'))
