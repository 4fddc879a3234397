// Brings the cashier's page to life.  商户核销端

import { createApp } from 'vue'
import '../shared/css/mobile.css'
import './merchant.css'
import App from './App.vue'

createApp(App).mount('#app')
