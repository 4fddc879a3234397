// Brings the consumer's page to life; the first picture is already in the HTML.  消费者端

import { createSSRApp } from 'vue'
import '../shared/css/mobile.css'
import App from './App.vue'

createSSRApp(App).mount('#app')
