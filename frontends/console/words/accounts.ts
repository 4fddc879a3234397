// What the page says about the accounts on which merchants are paid.  收款账户词句

import { catalogue } from '../../shared/i18n'
import zh from './accounts-zh'

export const a = catalogue(zh, () => import('./accounts-en'))
export type AccountWord = keyof typeof zh
