// Where the map prints the names of the cities, placed by hand so that none meet.  地图注记
//
// English names are longer and need other places. tests/browser holds both sets apart, down to
// the width that a phone leaves for the map.

type Point = [longitude: number, latitude: number]

export const LABELS: Record<'zh' | 'en', Record<string, Point>> = {
  zh: {
    '420100': [114.3, 30.72], // Wuhan
    '420200': [115.05, 29.96], // Huangshi
    '420300': [110.55, 32.5], // Shiyan
    '420500': [111.1, 30.75], // Yichang
    '420600': [111.95, 32.0], // Xiangyang
    '420700': [114.85, 30.36], // Ezhou
    '420800': [112.3, 31.18], // Jingmen
    '420900': [113.72, 31.22], // Xiaogan
    '421000': [112.2, 29.98], // Jingzhou
    '421100': [115.35, 30.75], // Huanggang
    '421200': [114.2, 29.62], // Xianning
    '421300': [113.3, 31.85], // Suizhou
    '422800': [109.5, 30.3], // Enshi
    '429004': [113.5, 30.3], // Xiantao
    '429005': [112.75, 30.36], // Qianjiang
    '429006': [113.1, 30.72], // Tianmen
    '429021': [110.47, 31.58], // Shennongjia
  },
  en: {
    '420100': [114.35, 30.72], // Wuhan
    '420200': [115.1, 29.98], // Huangshi
    '420300': [110.55, 32.5], // Shiyan
    '420500': [111.0, 30.75], // Yichang
    '420600': [111.9, 32.15], // Xiangyang
    '420700': [114.87, 30.36], // Ezhou
    '420800': [112.3, 31.15], // Jingmen
    '420900': [113.72, 31.22], // Xiaogan
    '421000': [111.92, 29.92], // Jingzhou
    '421100': [115.3, 31.1], // Huanggang
    '421200': [114.2, 29.6], // Xianning
    '421300': [113.45, 31.75], // Suizhou
    '422800': [109.5, 30.3], // Enshi
    '429004': [113.36, 30.06], // Xiantao
    '429005': [112.76, 30.4], // Qianjiang
    '429006': [113.0, 30.75], // Tianmen
    '429021': [110.6, 31.55], // Shennongjia
  },
}

/** The size of the names in pixels. */
export const LABEL_SIZE = { zh: 11, en: 10 }
