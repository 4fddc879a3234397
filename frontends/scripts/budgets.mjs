// Weighs what each face sends first and later; a face over its budget fails the build.  体积预算

import fs from 'node:fs'
import { brotli } from './compress.mjs'

// Bytes after brotli. "first" is what the first paint needs; "lazy" is any page opened later.
// "parts" are single parts that come only to whoever needs them: their own script and style.
// "check" is the program that checks a draw: elliptic curve and hashes, loaded by who checks.
const BUDGETS = {
  consumer: {
    first: 45_000,
    lazy: 12_000,
    check: 17_000,
    parts: {
      'consumer/parts/VoucherMoney.vue': 3_000,
      'consumer/parts/Notices.vue': 1_500,
      'shared/rails-here/RailsHere.vue': 2_000,
    },
  },
  merchant: { first: 60_000, lazy: 30_000 },
  console: { first: 60_000, all: 320_000 },
  public: { first: 45_000, lazy: 12_000, check: 17_000 },
}

const CHECK = 'shared/proof/engine.ts'

function closure(manifest, start, alsoDynamic) {
  const seen = new Set()
  const visit = (id) => {
    if (seen.has(id)) return
    seen.add(id)
    for (const next of manifest[id].imports ?? []) visit(next)
    if (alsoDynamic) for (const next of manifest[id].dynamicImports ?? []) visit(next)
  }
  visit(start)
  return seen
}

function files(manifest, ids) {
  const found = new Set()
  for (const id of ids) {
    found.add(manifest[id].file)
    for (const css of manifest[id].css ?? []) found.add(css)
  }
  return found
}

function weight(dist, names) {
  let bytes = 0
  for (const name of names) bytes += brotli(fs.readFileSync(`${dist}/${name}`)).length
  return bytes
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`
}

function weighFace(dist, face, limits, over) {
  const manifest = JSON.parse(fs.readFileSync(`${dist}/.vite/${face}.json`, 'utf8'))
  const start = `${face}/index.html`
  const firstIds = closure(manifest, start, false)
  const first = files(manifest, firstIds)
  // The consumer's style sheet is inside its page, and counted there.
  if (face === 'consumer') {
    for (const name of [...first]) if (name.endsWith('.css')) first.delete(name)
  }
  const rows = [['first load', weight(dist, [`${face}/index.html`, ...first]), limits.first]]
  if (limits.all) {
    const everything = files(manifest, closure(manifest, start, true))
    rows.push(['everything', weight(dist, [`${face}/index.html`, ...everything]), limits.all])
  }
  if (limits.lazy) rows.push(heaviestLazy(dist, manifest, firstIds, limits.lazy))
  if (limits.check) rows.push(['the check', weight(dist, [manifest[CHECK].file]), limits.check])
  for (const [part, limit] of Object.entries(limits.parts ?? {})) {
    rows.push([part.split('/').pop(), weight(dist, files(manifest, [part])), limit])
  }
  for (const [name, bytes, limit] of rows) {
    const verdict = bytes > limit ? 'OVER' : 'ok'
    const sum = `${kilobytes(bytes)} of ${kilobytes(limit)}`
    console.log(`    ${face.padEnd(9)} ${name.padEnd(24)} ${sum} br  ${verdict}`)
    if (bytes > limit) over.push(`${face}: ${name} is over its budget`)
  }
}

// What comes later weighs what it adds: its own files, without those already loaded.
function addedBy(dist, manifest, firstIds, id) {
  const loaded = files(manifest, firstIds)
  const added = [...files(manifest, closure(manifest, id, false))].filter((f) => !loaded.has(f))
  return weight(dist, added)
}

function heaviestLazy(dist, manifest, firstIds, limit) {
  let heaviest = ['no lazy page', 0, limit]
  for (const [id, entry] of Object.entries(manifest)) {
    if (!entry.isDynamicEntry || firstIds.has(id) || id === CHECK) continue
    const bytes = addedBy(dist, manifest, firstIds, id)
    const name = `lazy ${id.split('/').pop()}`
    if (bytes > heaviest[1]) heaviest = [name, bytes, limit]
  }
  return heaviest
}

export function weigh(dist) {
  const over = []
  for (const [face, limits] of Object.entries(BUDGETS)) weighFace(dist, face, limits, over)
  if (over.length) throw new Error(over.join('\n'))
}
