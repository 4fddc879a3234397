// What the register's page says.  台账页词句

import { catalogue } from '../../shared/i18n'
import zh from './register-zh'

export type RegisterWord = keyof typeof zh
export const r = catalogue(zh, () => import('./register-en'))

/** "tranches.csv" -> 拨款批次 */
export function tableName(file: string): string {
  const name = file.replace(/\.\w+$/, '')
  if (name === 'books') return r('booksTable')
  return name in zh ? r(name as RegisterWord) : ''
}
