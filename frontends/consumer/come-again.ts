// To whoever did not win: when the next chance is, which need not be tomorrow.  下一次机会

import { dayAndMinute, hourMinute, isTomorrow } from '../shared/time'
import { isList, now } from './campaign'
import { t } from './words/more'

export function missedHint(): string {
  if (isList.value) return t('missedList')
  const again = now.value?.opens_again_at
  if (!again) return t('missedLast')
  if (isTomorrow(again)) return t('missedHint', { time: hourMinute(again) })
  return t('missedLater', { at: dayAndMinute(again) })
}
