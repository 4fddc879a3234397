// Writes .br and .gz twins beside every text file, so the server only picks one.  预压缩

import fs from 'node:fs'
import zlib from 'node:zlib'

const TEXT = /\.(js|css|html|json|svg)$/
const WORTH_IT_BYTES = 600

export function walk(folder) {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .flatMap((e) => (e.isDirectory() ? walk(`${folder}/${e.name}`) : [`${folder}/${e.name}`]))
}

export function brotli(bytes) {
  return zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } })
}

export function compressAll(dist) {
  for (const file of walk(dist)) {
    const bytes = TEXT.test(file) ? fs.readFileSync(file) : Buffer.alloc(0)
    if (bytes.length < WORTH_IT_BYTES || file.includes('/.vite/')) continue
    fs.writeFileSync(`${file}.br`, brotli(bytes))
    fs.writeFileSync(`${file}.gz`, zlib.gzipSync(bytes, { level: 9 }))
  }
}
