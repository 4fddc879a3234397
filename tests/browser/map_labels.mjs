// Says, in both languages, each city's name on the map: where it stands, and how large.

import { LABELS, LABEL_SIZE } from '../../frontends/console/map-labels.ts'
import { CITIES, shortCity } from '../../frontends/shared/cities.ts'

const told = (lang) =>
  CITIES.map(({ code, zh, en }) => ({
    name: lang === 'zh' ? shortCity(zh) : en,
    at: LABELS[lang][code],
    size: LABEL_SIZE[lang],
  }))

process.stdout.write(JSON.stringify({ zh: told('zh'), en: told('en') }))
