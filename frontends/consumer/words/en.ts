// The first page and the draw in English; the keys come from the Chinese.

import type zh from './zh'

const en: typeof zh = {
  // Home
  title: 'Shop Hubei – New Year Gifts',
  organiser: 'Department of Commerce of Hubei Province',
  title1: 'Shop Hubei',
  title2: 'New Year Gifts',
  theme: '2026 Spring Festival vouchers',
  daily: 'Draw every day from {time}',
  home: 'Home',
  wallet: 'Wallet',
  rules: 'Rules',
  me: 'Me',
  today: 'Today\'s draw',
  choosePack: 'Choose a pack',
  upTo: 'up to ¥{n}',
  register: 'Register',
  hello: 'Hello, {name}',
  draw: 'Draw now',
  preparing: 'Getting ready…',
  noNetwork: 'No network',
  offlineNow: 'This phone has no network. Vouchers kept on it can be looked at; drawing and showing a code have to wait. The page goes on by itself.',
  opensAt: 'Opens at {time}',
  opensIn: 'Opens in',
  noHurry: 'No need to rush: any time after opening, the odds are the same',
  closedToday: 'Today\'s draw has closed',
  comeTomorrow: 'Come again tomorrow at {time}',
  ended: 'The campaign has ended',
  endedHint: 'Vouchers not yet expired can still be used; see your wallet',
  enteredToday: 'joined today',
  wonToday: 'won today',
  myChances: 'today\'s draws',
  times: '{n}',
  used: 'used',
  fair: 'Supervised by a notary. Early or late, the same odds.',
  how: 'How?',
  threeSteps: 'Three steps',
  step1: 'Register',
  step2: 'Draw daily',
  step3: 'Scan in store',
  findStores: 'Find stores',

  // The draw
  locating: 'Confirming your location',
  entering: 'Entering the draw',
  queueing: 'Many people are coming just now',
  drawing: 'Drawing',
  won: 'Congratulations, you won',
  missed: 'No win today',
  later: 'You are in; the result comes a little later',
  listed: 'Signed up; the notary draws',
}

export default en
