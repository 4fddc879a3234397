// The amounts of a voucher in English; the keys come from the Chinese.

import type zh from './money-zh'

const en: typeof zh = {
  orderTitle: 'This order',
  order: 'Order',
  offers: 'Offers of store and platform',
  net: 'After offers',
  discount: 'Voucher',
  paid: 'You paid',
  redemption: 'Redemption number',
  redemptionHint: 'When you return goods, show this number to the cashier, or let the QR code below be scanned.',
  redemptionShow: 'Show the QR code for a return',
  redemptionQr: 'QR code for a return; it holds the redemption number above',
  refundTitle: 'Refund no. {n}',
  quoteTitle: 'What would a return give?',
  quoteHint: 'Enter the value of the goods to see what comes back to you and what to the public fund. It only computes; goods are returned at the store.',
  goods: 'Goods to return (yuan)',
  goodsBad: 'Enter an amount such as 100 or 100.50',
}

export default en
