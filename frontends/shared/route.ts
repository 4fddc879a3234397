// Which screen is shown: the part of the address after the hash, such as #/code/0017-AB12.  路由
//
// Hash routing, because inside WeChat the signed address is the one the page was opened with.

import { nextTick, ref } from 'vue'

export interface Route {
  name: string
  args: string[]
}

export const route = ref<Route>({ name: '', args: [] })

function read(): Route {
  const parts = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent)
  return { name: parts[0] ?? '', args: parts.slice(1) }
}

/** The screen shown now, as its address after the hash. */
export function here(): string {
  return location.hash.replace(/^#\/?/, '') || 'home'
}

export function go(path: string): void {
  location.hash = `#/${path}`
}

/** Replace the current step in history, so that "back" does not lead into a finished form. */
export function goInstead(path: string): void {
  history.replaceState(null, '', `#/${path}`)
  arrive()
}

function arrive(): void {
  route.value = read()
  scrollTo(0, 0)
  void nextTick(focusHeading)
}

// A screen reader hears where it has arrived; sighted people see no change.
function focusHeading(): void {
  const heading = document.querySelector<HTMLElement>('main h1, header h1')
  if (!heading) return
  heading.tabIndex = -1
  heading.focus({ preventScroll: true })
}

export function startRouting(): void {
  route.value = read()
  addEventListener('hashchange', arrive)
}

export function focusMain(): void {
  document.getElementById('main')?.focus()
}
