// What the notices say; the words come with them.  公告词句

import { catalogue } from '../../shared/i18n'
import zh from './notices-zh'

export type NoticeWord = keyof typeof zh
export const n = catalogue(zh, () => import('./notices-en'))

/** What is said of one kind; a kind that is new here is said in general. */
export function noticeWord(kind: string): NoticeWord {
  return kind in zh ? (kind as NoticeWord) : 'other'
}
