// What the fund's page says.  资金页词句

import { catalogue } from '../../shared/i18n'
import zh from './fund-zh'

export type FundWord = keyof typeof zh
export const f = catalogue(zh, () => import('./fund-en'))
