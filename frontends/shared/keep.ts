// What the browser remembers for us, and what happens when it may not remember.  本地存储
//
// Private windows and full disks throw; then the page goes on without memory.

const PREFIX = 'huiquan:'

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value)
  } catch {
    // Without memory the page still works; it only forgets.
  }
}

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name)
  } catch {
    return null
  }
}

export function forget(name: string): void {
  try {
    localStorage.removeItem(PREFIX + name)
  } catch {
    // Nothing was remembered, so nothing is left to forget.
  }
}

export function keepJson(name: string, value: unknown): void {
  keep(name, JSON.stringify(value))
}

export function recallJson<T>(name: string): T | null {
  const text = recall(name)
  if (text === null) return null
  try {
    return JSON.parse(text) as T
  } catch {
    return null
  }
}
