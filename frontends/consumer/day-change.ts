// A page outlives its day: left open overnight, it must not show yesterday in the morning.  换日
//
// At midnight each phone asks a little later than the other; whoever comes back to the page is
// answered at once, unless it was read just now.

import { watch } from 'vue'
import { serverNowMs, today } from '../shared/time'
import { loadNow, now, tickMs } from './campaign'
import { loadMine } from './mine'

const SPREAD_MS = 60_000
const FRESH_MS = 60_000

async function readAnew(): Promise<void> {
  await loadNow()
  await loadMine()
}

function comeBack(): void {
  if (document.hidden || !now.value) return
  if (serverNowMs() - Date.parse(now.value.at) > FRESH_MS) void readAnew()
}

export function followTheDay(): void {
  document.addEventListener('visibilitychange', comeBack)
  watch(
    () => (now.value && tickMs.value ? today() : 0),
    (day, before) => {
      if (!before || day === before || document.hidden) return
      setTimeout(() => void readAnew(), Math.random() * SPREAD_MS)
    },
  )
}
