// Brings the consumer's page to life; the first picture is already in the HTML.  消费者端

import { createApp, createSSRApp } from 'vue'
import '../shared/css/mobile.css'
import App from './App.vue'

const place = document.getElementById('app')!
const make = place.childElementCount > 0 ? createSSRApp : createApp
make(App).mount(place)
