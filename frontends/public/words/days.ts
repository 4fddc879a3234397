// What the pages of the days say; they come with the screen.  公开日页词句

import { catalogue } from '../../shared/i18n'
import zh from './days-zh'

export type DayWord = keyof typeof zh
export const d = catalogue(zh, () => import('./days-en'))
