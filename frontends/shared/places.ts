// Where a store is, in the reader's language.  门店所在

import { either, lang } from './i18n'

interface Place {
  city_zh: string
  city_en: string
  county_zh: string
  county_en: string
}

/** 武汉市江岸区, Jiang'an District, Wuhan; a city without counties is said once. */
export function placeName(at: Place): string {
  if (at.county_zh === at.city_zh) return either(at.city_zh, at.county_en)
  return either(`${at.city_zh}${at.county_zh}`, `${at.county_en}, ${at.city_en}`)
}

/** An address with its place, said once; an English reader is told it beside the Chinese, too. */
export function wholeAddress(at: Place & { address: string }): string {
  if (lang.value === 'en') return `${placeName(at)} · ${at.address}`
  return at.address.indexOf(at.city_zh) >= 0 ? at.address : `${placeName(at)} ${at.address}`
}
