// The figures a city can be compared by, and how a number of each is written.  指标

import { computed } from 'vue'
import { grouped, yuan } from '../shared/money'
import { middleText, shortSum } from './amounts'
import { figures, type Figures } from './desk'
import { t } from './words'

export type CityFigures = Figures['by_city'][number]

export const METRICS = [
  'redeemed_fen',
  'issued_fen',
  'order_fen',
  'refunded_fen',
  'entered_count',
  'issued_count',
  'redeemed_count',
  'holder_count',
  'redeemer_count',
  'redeeming_merchant_count',
] as const

export type Metric = (typeof METRICS)[number]

export function isMoney(metric: Metric): boolean {
  return metric.slice(-4) === '_fen'
}

// A small day in 万元 would be a table of zeros; then tables speak in yuan.
const SMALL_DAY_FEN = 100_000_000
const inYuan = computed(() => (figures.value?.total.order_fen ?? 0) < SMALL_DAY_FEN)

export function metricText(metric: Metric, value: number): string {
  if (!isMoney(metric)) return grouped(value)
  return inYuan.value ? yuan(value) : middleText(value)
}

/** A border in a legend, with its unit and without idle zeros. */
export function legendText(metric: Metric, value: number): string {
  if (!isMoney(metric)) return grouped(value)
  return shortSum(value, inYuan.value)
}

/** The head of a column: money says its unit, on a line of its own. */
export function metricHead(metric: Metric): string {
  return isMoney(metric) ? `${t(metric)}\n(${t(inYuan.value ? 'unitYuan' : 'unitMiddle')})` : t(metric)
}

/** Four steps with round borders, so that a legend can be read aloud. */
export function rampBorders(values: number[]): number[] {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b)
  if (sorted.length < 4) return []
  const quarter = (share: number) => roundUp(sorted[Math.floor(sorted.length * share)]!)
  const borders = [quarter(0.25), quarter(0.5), quarter(0.75)]
  return borders.filter((border, index) => border > (borders[index - 1] ?? 0))
}

function roundUp(value: number): number {
  const scale = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return Math.ceil(value / scale) * scale
}
