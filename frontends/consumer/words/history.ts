// What the person's own history says; the words come with the screen.  历次摇号词句

import { catalogue } from '../../shared/i18n'
import zh from './history-zh'

export const h = catalogue(zh, () => import('./history-en'))
