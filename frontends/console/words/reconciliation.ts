// What the reconciliation page says.  对账页词句

import { catalogue } from '../../shared/i18n'
import zh from './reconciliation-zh'

export type Word = keyof typeof zh
export const t = catalogue(zh, () => import('./reconciliation-en'))
