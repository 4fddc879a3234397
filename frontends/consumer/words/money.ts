// What a voucher's amounts are called; the words come with the part.  金额明细词句

import { catalogue } from '../../shared/i18n'
import zh from './money-zh'

export type MoneyWord = keyof typeof zh
export const v = catalogue(zh, () => import('./money-en'))
