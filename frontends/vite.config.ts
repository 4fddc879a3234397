// One build per face, so that a phone never carries what the console needs.  构建配置
//
// FACE chooses the face; scripts/build.mjs runs this once for each of the four.

import vue from '@vitejs/plugin-vue'
import { createLogger, defineConfig } from 'vite'

declare const process: { env: Record<string, string | undefined> }

const PHONES = ['chrome70', 'safari12']
const DESKTOPS = ['chrome87', 'safari14']

// One file for what every screen needs, so that the first page takes three requests.
const BASE = new RegExp(
  'node_modules/@?vue|' +
    'shared/(api|ask|i18n|keep|keys|money|time|route|announce|type-size|Icon|art)\\.|' +
    'shared/(words/(index|zh)|bridge/location)\\.|' +
    'consumer/session\\.',
)

// Only what checks a draw counts with BigInt, and phones without it never load that part.
const logger = createLogger('warn')
const { warn } = logger
logger.warn = (message, how) => {
  if (message.indexOf('TOLERATED_TRANSFORM') < 0) warn(message, how)
}

const face = process.env['FACE'] ?? 'consumer'
const browsers = face === 'console' ? DESKTOPS : PHONES

export default defineConfig(({ isSsrBuild }) => ({
  plugins: [vue()],
  // Vite would copy a folder of this name as it stands; here it holds a face's sources.
  publicDir: false,
  customLogger: logger,
  // The public pages also stand on the notary's and the auditor's own hosts, in any folder.
  base: face === 'public' ? './' : '/',
  ssr: { noExternal: true },
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
  },
  build: {
    target: browsers,
    cssTarget: browsers,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1600,
    assetsInlineLimit: 0,
    assetsDir: `assets/${face}`,
    emptyOutDir: false,
    manifest: isSsrBuild ? false : `.vite/${face}.json`,
    outDir: isSsrBuild ? '.ssr' : 'dist',
    rollupOptions: isSsrBuild
      ? {}
      : {
          input: `${face}/index.html`,
          output:
            face === 'console' ? {} : { codeSplitting: { groups: [{ name: 'base', test: BASE }] } },
        },
  },
}))
