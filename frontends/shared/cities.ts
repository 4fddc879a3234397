// The 17 cities and prefectures of Hubei, by their administrative codes.  湖北十七市州

export interface City {
  code: string
  zh: string
  en: string
}

function city(code: string, zh: string, en: string): City {
  return { code, zh, en }
}

export const CITIES: readonly City[] = [
  city('420100', '武汉市', 'Wuhan'),
  city('420200', '黄石市', 'Huangshi'),
  city('420300', '十堰市', 'Shiyan'),
  city('420500', '宜昌市', 'Yichang'),
  city('420600', '襄阳市', 'Xiangyang'),
  city('420700', '鄂州市', 'Ezhou'),
  city('420800', '荆门市', 'Jingmen'),
  city('420900', '孝感市', 'Xiaogan'),
  city('421000', '荆州市', 'Jingzhou'),
  city('421100', '黄冈市', 'Huanggang'),
  city('421200', '咸宁市', 'Xianning'),
  city('421300', '随州市', 'Suizhou'),
  city('422800', '恩施土家族苗族自治州', 'Enshi'),
  city('429004', '仙桃市', 'Xiantao'),
  city('429005', '潜江市', 'Qianjiang'),
  city('429006', '天门市', 'Tianmen'),
  city('429021', '神农架林区', 'Shennongjia'),
]

/** 恩施土家族苗族自治州 -> 恩施州, as it is said and as it fits on a map. */
export function shortCity(zh: string): string {
  return zh.replace('土家族苗族自治州', '州').replace('林区', '').replace('市', '')
}
