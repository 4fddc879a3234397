// Ways of paying that a store takes, as people know them.  支付通道

import { either } from './i18n'

const NAMES: Record<string, [string, string]> = {
  wechat: ['微信支付', 'WeChat Pay'],
  alipay: ['支付宝', 'Alipay'],
  unionpay: ['云闪付', 'UnionPay'],
  demo: ['演示支付', 'Demo Pay'],
}

export const RAILS = ['wechat', 'alipay', 'unionpay']

/** One way of paying by its name; its code where it has no known name. */
export function railName(rail: string): string {
  const names = NAMES[rail]
  return names ? either(names[0], names[1]) : rail
}

/** All of them in one line. */
export function railNames(rails: string[]): string {
  return rails.map(railName).join(either('、', ', '))
}
