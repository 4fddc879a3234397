// The person's own history in English; the keys come from the Chinese.

import type zh from './history-zh'

const en: typeof zh = {
  title: 'All my draws',
  why: 'Why did I not win?',
  oddsTitle: 'The chances and my outcomes',
  intro: 'The chance of each day is published before. Your number and the published bound decide. Every line below was computed again on this phone.',
  none: 'You have not entered a draw yet.',
  checking: 'Checking day {n} of {of}…',
  sums: 'Days entered: {days}. Days won: {wins}.',
  oddsOfNone: 'With the chances published for {days} {days|day|days}, about {n} of 100 people who enter like this win nothing at all.',
  oddsMore: 'With the chances published for {days} {days|day|days}, more than 99 of 100 people who enter like this win nothing at all.',
  oddsLess: 'With the chances published for {days} {days|day|days}, fewer than 1 of 100 people who enter like this wins nothing at all.',
  noMemory: 'This does not make tomorrow\'s chance better or worse: each day is drawn by itself, with a chance that is published before and has nothing to do with earlier outcomes.',
  howComputed: 'How it is computed: the chances of not winning are multiplied, day by day, to an exact fraction, which is then said as people in 100.',
  unproven: 'Days that could not be checked and are not counted: {n}.',
  wrong: 'Days that do not hold: {n}. Please open the day, save the proof, and hand it to the notary or the department.',
  chance: 'Published chance that day',
  number: 'My number',
  needed: 'wins below {bound}',
  everyone: 'Everybody that day',
  everyoneSums: 'entered {entered}, won {won}',
  won: 'Won ¥{n}',
  missed: 'Not won',
  missedWhy: 'The number is not below the bound, so nothing was won.',
  cut: 'Not won (cut)',
  cutWhy: 'The number drew ¥{n}, but those vouchers were all given out, and the published random order did not reach it.',
  pending: 'Not drawn yet',
  proven: 'Checked on this phone',
  partly: 'Outcome checked; some papers are not on this phone',
  unread: 'Could not be checked',
  bad: 'Does not hold',
  steps: 'Steps of the check',
  dayPage: 'Public figures of the day',
  cannot: 'The browser of this phone is too old to check. Below are the outcomes alone.',
}

export default en
