// Large sums as officials read them: 万元 and 亿元; thousands and millions in English.  金额口径

import { lang } from '../shared/i18n'
import { grouped, yuanShort } from '../shared/money'
import { t } from './words'

const FEN_PER_YUAN = 100
const SCALES = {
  zh: { middle: 1_000_000, large: 10_000_000_000 },
  en: { middle: 100_000, large: 100_000_000 },
} as const

export interface Amount {
  text: string
  unit: string
}

/** In Chinese 2963500000 fen -> { "2,963.50", 万元 }; in English -> { "¥29.63", million } */
export function largeSum(fen: number): Amount {
  const { middle, large } = SCALES[lang.value]
  if (fen >= large) return { text: signed(twoDecimals(fen, large)), unit: t('scaleLarge') }
  if (fen >= middle) return { text: signed(twoDecimals(fen, middle)), unit: t('scaleMiddle') }
  return { text: signed(twoDecimals(fen, FEN_PER_YUAN)), unit: t('scaleYuan') }
}

/** Chinese names the unit behind the number; English sets the sign before it. */
function signed(text: string): string {
  return lang.value === 'en' ? `¥${text}` : text
}

export function sumText(fen: number): string {
  const { text, unit } = largeSum(fen)
  return `${text} ${unit}`.trim()
}

/** For a legend, without idle zeros: "9.6 万元", "500 元"; "¥96 thousand", "¥500". */
export function shortSum(fen: number, inYuan: boolean): string {
  const text = inYuan ? yuanShort(fen) : middleShort(fen)
  return `${signed(text)} ${t(inYuan ? 'scaleYuan' : 'scaleMiddle')}`.trim()
}

/** For charts, whose axis names the unit. */
export function inMiddle(fen: number): number {
  return Math.round((fen * 100) / SCALES[lang.value].middle) / 100
}

/** For tables whose heads name the unit: 153616300 -> "153.61" (万元). */
export function middleText(fen: number): string {
  return twoDecimals(fen, SCALES[lang.value].middle)
}

function middleShort(fen: number): string {
  return middleText(fen).replace(/\.?0+$/, '')
}

function twoDecimals(fen: number, unit: number): string {
  const hundredths = Math.floor((fen * 100) / unit)
  return `${grouped(Math.floor(hundredths / 100))}.${String(hundredths % 100).padStart(2, '0')}`
}
