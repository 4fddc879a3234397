// Writes the first page as plain HTML at build time, so it shows before any script runs.  预渲染

import { createSSRApp } from 'vue'
import { renderToString } from 'vue/server-renderer'
import App from './App.vue'

export const html = (): Promise<string> => renderToString(createSSRApp(App))
