// Brings the console to life.  监管端

import { createApp } from 'vue'
import './console.css'
import './tables.css'
import App from './App.vue'

createApp(App).mount('#app')
