// The styles of the Element Plus parts in use, and its own words in our language.  组件库

import 'element-plus/es/components/base/style/css'
import 'element-plus/es/components/date-picker/style/css'
import 'element-plus/es/components/option/style/css'
import 'element-plus/es/components/select/style/css'
import 'element-plus/es/components/table/style/css'
import 'element-plus/es/components/table-column/style/css'
import './element.css'
import { computed } from 'vue'
import en from 'element-plus/es/locale/lang/en'
import zhCn from 'element-plus/es/locale/lang/zh-cn'
import { lang } from '../shared/i18n'

export const elementWords = computed(() => (lang.value === 'en' ? en : zhCn))
