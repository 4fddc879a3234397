// Checks that the Chinese and the English catalogues have the same keys and blanks.  用语核对

import { build } from 'vite'

const CATALOGUES = [
  ['shared/words/zh.ts', 'shared/words/en.ts'],
  ['consumer/words/zh.ts', 'consumer/words/en.ts'],
  ['consumer/words/more-zh.ts', 'consumer/words/more-en.ts'],
  ['consumer/words/history-zh.ts', 'consumer/words/history-en.ts'],
  ['merchant/words/zh.ts', 'merchant/words/en.ts'],
  ['console/words/zh.ts', 'console/words/en.ts'],
  ['console/words/fund-zh.ts', 'console/words/fund-en.ts'],
  ['console/words/reconciliation-zh.ts', 'console/words/reconciliation-en.ts'],
  ['console/words/settlement-zh.ts', 'console/words/settlement-en.ts'],
  ['console/words/register-zh.ts', 'console/words/register-en.ts'],
  ['merchant/words/statements-zh.ts', 'merchant/words/statements-en.ts'],
  ['consumer/words/money-zh.ts', 'consumer/words/money-en.ts'],
  ['consumer/words/notices-zh.ts', 'consumer/words/notices-en.ts'],
  ['shared/rails-here/zh.ts', 'shared/rails-here/en.ts'],
  ['public/words/zh.ts', 'public/words/en.ts'],
  ['public/words/days-zh.ts', 'public/words/days-en.ts'],
  ['shared/proof/zh.ts', 'shared/proof/en.ts'],
]

async function read(file) {
  const made = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, lib: { entry: file, formats: ['es'] }, minify: false },
  })
  const code = made[0].output[0].code
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).default
}

function blanks(text) {
  return (text.match(/\{\w+\}/g) ?? []).sort().join(' ')
}

export async function checkCatalogues() {
  const faults = []
  for (const [chinese, english] of CATALOGUES) {
    const zh = await read(chinese)
    const en = await read(english)
    for (const key of new Set([...Object.keys(zh), ...Object.keys(en)])) {
      if (!(key in zh)) faults.push(`${chinese}: ${key} is missing`)
      else if (!(key in en)) faults.push(`${english}: ${key} is missing`)
      else if (blanks(zh[key]) !== blanks(en[key])) {
        faults.push(`${english}: ${key} has other blanks`)
      }
    }
  }
  if (faults.length) throw new Error(faults.join('\n'))
}

if (import.meta.url.endsWith(process.argv[1] ?? '-')) await checkCatalogues()
