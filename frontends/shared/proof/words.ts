// What a check of a draw says to people.  验证词句

import { catalogue } from '../i18n'
import zh from './zh'

export type ProofWord = keyof typeof zh
export const p = catalogue(zh, () => import('./en'))
