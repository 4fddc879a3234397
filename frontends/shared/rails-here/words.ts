// What is said about ways of paying; the words come with the part.  支付方式词句

import { catalogue } from '../i18n'
import zh from './zh'

export const x = catalogue(zh, () => import('./en'))
