// What the page says about merchants' accounts in English.

import type zh from './accounts-zh'

const en: Record<keyof typeof zh, string> = {
  title: 'Accounts of merchants',
  rule: 'One person asks, another confirms, one of the two of the department; until then merchants are paid on the account before.',
  waiting: 'Waiting ({n})',
  nothingWaits: 'No request waits',
  answered: 'Answered ({n})',
  accountChange: 'Account',
  firstAccount: 'first account',
  askedBy: 'asked for by {who}, {at}',
  namedBy: 'named by {who} alone, before two people were needed; two confirm it',
  decidedBy: 'answered by {who}, {at}',
  reason: 'Reason: {words}',
  open: 'Waiting',
  confirmed: 'Confirmed',
  inForce: 'In force',
  refused: 'Refused',
  withdrawn: 'Withdrawn',

  number: 'The whole account number, from the merchant\'s own paper',
  confirm: 'Confirm the account',
  why: 'Why it is refused or withdrawn',
  refuse: 'Refuse / withdraw',
  confirmedNow: 'The account is in force; payment files from now on pay there.',
  oneMore: 'Your word is noted; another person has to confirm.',
  refusedNow: 'Refused; the account before stays in force.',
  withdrawnNow: 'Withdrawn; the account before stays in force.',

  ask: 'Ask for an account',
  uscc: 'Unified social credit code',
  accountNo: 'Account number',
  accountName: 'Account holder',
  bankName: 'Bank',
  bankCode: 'Bank\'s branch code (12 digits)',
  accountNoBad: 'Account number: enter 8 to 32 digits',
  bankCodeBad: 'Bank\'s branch code: enter 12 digits',
  missing: '{name}: please fill in',
  send: 'Ask for it',
  askedNow: 'Asked for; another person confirms it. Until then the account before stays in force.',
  alreadyInForce: 'This account is in force already.',

  changes: '{n} {n|merchant is|merchants are} paid on another account than the last time; look first:',
  firsts: 'Paid for the first time ({n})',
  asked: 'asked for by {who} ({at})',
  confirmedBy: 'confirmed by {who} ({at})',
  ofBefore: 'named by one person then',
  look: 'See changed accounts first ({n})',
}

export default en
