// Builds the four faces into dist/, checks them, and compresses them.  构建三端页面

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { build } from 'vite'
import { writeApiTypes } from './api-types.mjs'
import { checkCatalogues } from './check.mjs'
import { finish } from './finish.mjs'

const FACES = ['consumer', 'merchant', 'console', 'public']

function say(step, started) {
  console.log(`  ${step.padEnd(34)} ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

async function timed(step, work) {
  const started = Date.now()
  await work()
  say(step, started)
}

function typecheck() {
  const tsc = 'node_modules/vue-tsc/bin/vue-tsc.js'
  const run = spawnSync(process.execPath, [tsc, '--noEmit', '-p', 'tsconfig.json'], {
    stdio: 'inherit',
  })
  if (run.status !== 0) throw new Error('the types do not hold; see the lines above')
}

async function buildFace(face) {
  process.env.FACE = face
  await build({ logLevel: 'warn' })
}

async function buildPrerenderer() {
  process.env.FACE = 'consumer'
  await build({ logLevel: 'warn', build: { ssr: 'consumer/prerender.ts', outDir: '.ssr' } })
}

async function buildAll() {
  for (const folder of ['dist', '.ssr']) fs.rmSync(folder, { recursive: true, force: true })
  await timed('types from openapi.json', writeApiTypes)
  await timed('zh and en say the same keys', checkCatalogues)
  if (process.env.HUIQUAN_SKIP_TYPECHECK !== '1') await timed('vue-tsc, strict', typecheck)
  for (const face of FACES) await timed(`face: ${face}`, () => buildFace(face))
  await timed('prerenderer', buildPrerenderer)
  await timed('prerender, compress, budgets', finish)
}

buildAll().catch((fault) => {
  console.error(`  the faces were not built: ${fault.message}`)
  process.exit(1)
})
