// Checks that the Chinese and the English catalogues have the same keys and blanks.  用语核对

import fs from 'node:fs'
import { build } from 'vite'

const FOLDERS = ['shared', 'consumer', 'merchant', 'console', 'public']

// Found, not listed: a new catalogue is compared from the day it is written.
function catalogues() {
  const files = FOLDERS.flatMap((folder) =>
    fs.readdirSync(folder, { recursive: true }).map((file) => `${folder}/${file}`),
  )
  return files
    .filter((file) => /[/-]zh\.ts$/.test(file))
    .map((file) => [file, file.replace(/zh\.ts$/, 'en.ts')])
}

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
  for (const [chinese, english] of catalogues()) {
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
