// What the orders page says.  线上订单页词句

import { catalogue } from '../../shared/i18n'
import zh from './orders-zh'

export type Word = keyof typeof zh
export const t = catalogue(zh, () => import('./orders-en'))
