// The doors of the public days, and how their numbers are written.  公开日页数据

import { makeApi, type Schema } from '../shared/api'
import { lang } from '../shared/i18n'
import { CITIES, shortCity } from '../shared/cities'
import { d } from './words/days'

export type Day = Schema['PublicDay']
export type Rates = Schema['RatesOfDay']
export type Rate = Schema['RateOfDay']

// Nobody signs in here.
export const api = makeApi(
  () => null,
  () => undefined,
)

const PPB_OF_PERCENT = 10_000_000
const DECIMALS = 3

/** Parts per billion as a share of 100 with three decimals: 6123456 -> "0.612%". */
export function percentOf(ppb: number): string {
  return `${(ppb / PPB_OF_PERCENT).toFixed(DECIMALS)}%`
}

/** What a group is called: a lane, an hour, a city, a digit. */
export function groupName(by: Rates['by'], key: string): string {
  if (by === 'lane') return d('laneName', { n: key })
  if (by === 'hour') return d('hourName', { n: key })
  if (by === 'digit') return d('digitName', { n: key })
  const city = CITIES.find((each) => each.code === key)
  if (!city) return key
  return lang.value === 'en' ? city.en : shortCity(city.zh)
}

/** 1234567 -> "1.2 MB"; a small file shows its bytes. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

const WIDTH = 100
const MARGIN = 6

/** Where the bands, the expectation and the mark stand on a strip 100 wide; null if not judged. */
export function strip(rate: Rate) {
  if (!rate.two || !rate.four) return null
  const expected = (rate.entered * rate.chance_ppb) / 1e9
  const low = Math.min(rate.four[0]!, rate.won)
  const high = Math.max(rate.four[1]!, rate.won)
  const at = (won: number) => MARGIN + ((won - low) / (high - low || 1)) * (WIDTH - 2 * MARGIN)
  return {
    four: [at(rate.four[0]!), at(rate.four[1]!)] as const,
    two: [at(rate.two[0]!), at(rate.two[1]!)] as const,
    expected: at(expected),
    won: at(rate.won),
  }
}
