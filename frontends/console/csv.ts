// The table of cities as a file that Excel opens with its Chinese intact.  导出

import { saveFile } from '../shared/save-file'
import { either } from '../shared/i18n'
import { yuan } from '../shared/money'
import type { Figures } from './desk'
import { isMoney, METRICS, type CityFigures, type Metric } from './metrics'
import { t } from './words'

const BYTE_ORDER_MARK = '\uFEFF'

function money(fen: number): string {
  return yuan(fen).replace(/,/g, '')
}

function cells(name: string, code: string, row: Record<Metric, number>): string {
  const values = METRICS.map((each) => (isMoney(each) ? money(row[each]) : String(row[each])))
  return [code, name, ...values].join(',')
}

export function citiesAsCsv(figures: Figures): string {
  const head = ['adcode', t('city'), ...METRICS.map((each) => t(each))].join(',')
  const rows = figures.by_city.map((each: CityFigures) =>
    cells(either(each.city_zh, each.city_en), each.city, each),
  )
  const all = { ...figures.total, entered_count: figures.entered_count }
  return [head, ...rows, cells(t('total'), '420000', all)].join('\r\n') + '\r\n'
}

export function exportCities(figures: Figures, campaign: number): void {
  const text = BYTE_ORDER_MARK + citiesAsCsv(figures)
  saveFile(`figures-${campaign}-${figures.day}.csv`, text, 'text/csv;charset=utf-8')
}
