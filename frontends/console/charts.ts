// The parts of ECharts that are used, and nothing else.  图表

import { BarChart, LineChart, MapChart } from 'echarts/charts'
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components'
import { init, registerMap, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([
  AriaComponent,
  BarChart,
  CanvasRenderer,
  GridComponent,
  LegendComponent,
  LineChart,
  MapChart,
  TooltipComponent,
  VisualMapComponent,
])

export { init, registerMap }

export const FONT =
  '"PingFang SC","HarmonyOS Sans SC",MiSans,"Microsoft YaHei","Noto Sans SC",' +
  '"Noto Sans CJK SC",system-ui,sans-serif'

export const INK = '#1d2129'
export const INK_SOFT = '#4e5969'
export const LINE = '#e5e8ee'

/** Tooltips are drawn on the canvas: the HTML kind needs inline styles, which are forbidden. */
export const TOOLTIP = {
  renderMode: 'richText' as const,
  backgroundColor: '#fff',
  borderColor: LINE,
  textStyle: { color: INK, fontSize: 13, fontFamily: FONT },
}
