// Two languages: Chinese is the source of the keys, English is loaded when asked for.  中英文
//
// Each face has its own catalogue; all of them follow the one language chosen here.

import { ref, shallowRef } from 'vue'
import { keep, recall } from './keep'

export type Lang = 'zh' | 'en'
type Blanks = Record<string, string | number>

export const lang = ref<Lang>('zh')

const loaders: Array<() => Promise<void>> = []
let wantedLang: Lang = 'zh'

/** Make the `t` of one catalogue: a misspelt key does not compile. */
export function catalogue<Words extends Record<string, string>>(
  zh: Words,
  loadEn: () => Promise<{ default: { [K in keyof Words]: string } }>,
) {
  const en = shallowRef<{ [K in keyof Words]: string }>()
  const load = async () => {
    en.value = (await loadEn()).default
  }
  loaders.push(load)
  // A screen that arrives after English was chosen brings its English with it.
  if (wantedLang === 'en') void load()
  return (key: keyof Words, blanks?: Blanks): string => {
    const text = (lang.value === 'en' && en.value ? en.value : zh)[key]
    return blanks ? fill(text, blanks) : text
  }
}

/** "{n} {n|day|days}": the value, and the word that goes with it, for one and for any other. */
function fill(text: string, blanks: Blanks): string {
  return text.replace(/\{(\w+)(?:\|(.+?)\|(.+?))?\}/g, (whole, name: string, one, more) => {
    if (!(name in blanks)) return whole
    const value = String(blanks[name])
    return more ? (value === '1' ? one : more) : value
  })
}

export async function setLang(wanted: Lang): Promise<void> {
  wantedLang = wanted
  if (wanted === 'en') await Promise.all(loaders.map((load) => load()))
  lang.value = wanted
  document.documentElement.lang = wanted === 'en' ? 'en' : 'zh-CN'
  keep('lang', wanted)
}

/** After the page has come alive: go back to the language chosen last time. */
export async function restoreLang(): Promise<void> {
  if (recall('lang') === 'en') await setLang('en')
}

/** A pack's name without its theme: "“马”上团圆·餐饮大礼包" -> "餐饮大礼包". */
export function plainPack(zh: string, en: string): string {
  return either(zh.replace(/^.*·/, ''), en)
}

/** Server texts come in both languages; choose the one in force. */
export function either(zh: string, en: string): string {
  return lang.value === 'en' ? en : zh
}

/** "武汉仓", "W1" -> "武汉仓（W1）"; in English "武汉仓 (W1)". */
export function withCode(name: string, code: string): string {
  return either(`${name}（${code}）`, `${name} (${code})`)
}
