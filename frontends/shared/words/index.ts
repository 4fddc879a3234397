// Words that more than one face says.  公用词句

import { catalogue } from '../i18n'
import zh from './zh'

export const s = catalogue(zh, () => import('./en'))
