// Say a change of state to screen readers: results and failures, never a ticking clock.  播报

import { ref } from 'vue'

export const announcement = ref('')

export function announce(text: string): void {
  // The same sentence twice would not be read again, so the region is emptied first.
  announcement.value = ''
  setTimeout(() => {
    announcement.value = text
  }, 50)
}
