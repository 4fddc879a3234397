// Prerenders the consumer's first page, fixes the security policy, compresses, weighs.  收尾

import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { compressAll } from './compress.mjs'
import { weigh } from './budgets.mjs'

const DIST = 'dist'

// The consumer's style sheet travels inside the page, so it needs its hash in the policy.
async function prerenderConsumer() {
  const file = `${DIST}/consumer/index.html`
  const { html } = await import(path.resolve('.ssr/prerender.js'))
  const body = await html()
  let style = ''
  const page = fs
    .readFileSync(file, 'utf8')
    .replace('<div id="app"></div>', () => `<div id="app">${body}</div>`)
    .replace(/<link rel="stylesheet"[^>]*href="([^"]+)"[^>]*>/, (_, href) => {
      style = fs.readFileSync(DIST + href, 'utf8').trim()
      return `<style>${style}</style>`
    })
  if (!style) throw new Error('the consumer page has no style sheet to inline')
  fs.writeFileSync(file, page)
  return `'sha256-${crypto.createHash('sha256').update(style).digest('base64')}'`
}

function policy(extraStyle) {
  return [
    "default-src 'none'",
    "script-src 'self'",
    ['style-src', "'self'", extraStyle].filter(Boolean).join(' '),
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "media-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ')
}

export async function finish() {
  const styleHash = await prerenderConsumer()
  const policies = { consumer: policy(styleHash) }
  for (const face of ['merchant', 'console', 'public']) policies[face] = policy('')
  fs.writeFileSync(`${DIST}/csp.json`, JSON.stringify(policies, null, 2) + '\n')
  fs.copyFileSync('shared/paused.html', `${DIST}/paused.html`)
  compressAll(DIST)
  weigh(DIST)
}
