// What the public pages say.  公开页词句

import { catalogue } from '../../shared/i18n'
import zh from './zh'

export type Word = keyof typeof zh
export const t = catalogue(zh, () => import('./en'))
