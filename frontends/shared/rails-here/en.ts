// The words about ways of paying in English; the keys come from the Chinese.

import type zh from './zh'

const en: typeof zh = {
  takes: 'Vouchers here with {rails}',
  mine: 'How will it be paid?',
  choose: 'Please choose',
  next: 'The next store that takes {rail}:',
  noNext: 'No store near here takes {rail}.',
  metres: '{n} m',
  kilometres: '{n} km',
}

export default en
