// Turns openapi.json into TypeScript types, so that a misspelt field does not compile.  接口类型

import fs from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'

const OUT = 'shared/api-types.d.ts'

export async function writeApiTypes() {
  const document = JSON.parse(fs.readFileSync('openapi.json', 'utf8'))
  const text = astToString(await openapiTS(document))
  const before = fs.existsSync(OUT) ? fs.readFileSync(OUT, 'utf8') : ''
  if (text !== before) fs.writeFileSync(OUT, text)
}

if (import.meta.url.endsWith(process.argv[1] ?? '-')) await writeApiTypes()
