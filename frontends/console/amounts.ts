// Large sums as officials read them: 万元 and 亿元, and plain yuan in tables.  金额口径

import { grouped } from '../shared/money'
import { t } from './words'

const FEN_PER_WAN = 1_000_000
const FEN_PER_YI = 10_000_000_000

export interface Amount {
  text: string
  unit: string
}

/** 296350000000 -> { "29.64", 亿元 }; 2963500000 -> { "2,963.50", 万元 } */
export function largeSum(fen: number): Amount {
  if (fen >= FEN_PER_YI) return { text: twoDecimals(fen, FEN_PER_YI), unit: t('unitYi') }
  if (fen >= FEN_PER_WAN) return { text: twoDecimals(fen, FEN_PER_WAN), unit: t('unitWan') }
  return { text: twoDecimals(fen, 100), unit: t('unitYuan') }
}

export function inWan(fen: number): number {
  return Math.round(fen / 10_000) / 100
}

function twoDecimals(fen: number, unit: number): string {
  const hundredths = Math.floor((fen * 100) / unit)
  return `${grouped(Math.floor(hundredths / 100))}.${String(hundredths % 100).padStart(2, '0')}`
}

export function sumText(fen: number): string {
  const { text, unit } = largeSum(fen)
  return `${text} ${unit}`
}
