// A page says at its top what came of a deed; whoever pressed far below is taken there.  提示

import { nextTick } from 'vue'

/** Scroll to the page's message, unless it is in sight already. */
export function showSaid(): void {
  void nextTick(() => document.getElementById('said')?.scrollIntoView({ block: 'nearest' }))
}
