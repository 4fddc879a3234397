// The 17 cities and prefectures of Hubei, by their administrative codes.  湖北十七市州

export interface City {
  code: string
  zh: string
  en: string
  /** Where the map prints the name: [longitude, latitude], placed by hand so none collide. */
  label: [number, number]
}

function city(code: string, zh: string, en: string, lng: number, lat: number): City {
  return { code, zh, en, label: [lng, lat] }
}

export const CITIES: readonly City[] = [
  city('420100', '武汉市', 'Wuhan', 114.36, 30.66),
  city('420200', '黄石市', 'Huangshi', 115.02, 29.98),
  city('420300', '十堰市', 'Shiyan', 110.55, 32.5),
  city('420500', '宜昌市', 'Yichang', 111.1, 30.75),
  city('420600', '襄阳市', 'Xiangyang', 111.95, 32.0),
  city('420700', '鄂州市', 'Ezhou', 114.78, 30.38),
  city('420800', '荆门市', 'Jingmen', 112.3, 31.18),
  city('420900', '孝感市', 'Xiaogan', 113.72, 31.22),
  city('421000', '荆州市', 'Jingzhou', 112.2, 29.98),
  city('421100', '黄冈市', 'Huanggang', 115.35, 30.75),
  city('421200', '咸宁市', 'Xianning', 114.2, 29.62),
  city('421300', '随州市', 'Suizhou', 113.3, 31.85),
  city('422800', '恩施土家族苗族自治州', 'Enshi', 109.5, 30.3),
  city('429004', '仙桃市', 'Xiantao', 113.42, 30.28),
  city('429005', '潜江市', 'Qianjiang', 112.8, 30.42),
  city('429006', '天门市', 'Tianmen', 113.12, 30.68),
  city('429021', '神农架林区', 'Shennongjia', 110.47, 31.58),
]

/** 恩施土家族苗族自治州 -> 恩施州, as it is said and as it fits on a map. */
export function shortCity(zh: string): string {
  return zh.replace('土家族苗族自治州', '州').replace('林区', '').replace('市', '')
}

interface Place {
  city_zh: string
  county_zh: string
  address: string
}

/** An address with its city and county, each said once. */
export function wholeAddress(at: Place): string {
  if (at.address.indexOf(at.city_zh) >= 0) return at.address
  const county = at.county_zh === at.city_zh ? '' : at.county_zh
  return `${at.city_zh}${county} ${at.address}`
}
