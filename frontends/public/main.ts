// Brings the public pages to life: what anyone may see and check.  公开核对

import { createApp } from 'vue'
import '../shared/css/mobile.css'
import './public.css'
import App from './App.vue'

createApp(App).mount('#app')
