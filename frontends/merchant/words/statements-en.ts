// What the statements page says in English.

import type zh from './statements-zh'

const en: Record<keyof typeof zh, string> = {
  tab: 'Statements',
  title: 'Statements',
  notManager: 'Only the manager of the store may see statements.',
  unsettled: 'Not settled yet',
  onItsWay: 'On its way',
  paidInAll: 'Paid',
  owed: 'To be kept (late refunds)',
  held: 'Your money is being looked into and waits. Please call us if you have questions.',
  none: 'No statement yet. Redemptions are settled after the waiting time, once a day.',
  settled: 'Settled, to be paid',
  in_file: 'Being paid',
  paid: 'Paid',
  bounced: 'Came back, carried to the next statement',
  howItAddsUp: 'How the sum comes about',
  orders: 'Every order ({n})',
  order: 'Order',
  voucher: 'Voucher',
  cameBack: 'Came back before',
  due: 'Due',
  print: 'Print (PDF)',
  sheet: 'Sheet (xlsx)',
  disputeThis: 'This order is wrong',
  disputeAll: 'This statement is wrong',
  disputeWords: 'What is wrong?',
  disputeSend: 'Send',
  disputeSent: 'On file; the answer will stand here.',
  disputes: 'Disputes and answers',
  waitingAnswer: 'Waiting for an answer',
  upheld: 'Upheld',
  dismissed: 'Dismissed',
}

export default en
