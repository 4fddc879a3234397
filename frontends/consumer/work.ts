// The work a page does before a tap, when it is asked for: ALTCHA's search, in a worker.  工作量证明

import type { Schema } from '../shared/api'

export function solve(task: Schema['DrawTask']): Promise<string | null> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./work-search.ts', import.meta.url))
    const finish = (number: number | null) => {
      worker.terminate()
      resolve(number === null ? null : btoa(JSON.stringify(proof(task, number))))
    }
    worker.onmessage = (event: MessageEvent<number | null>) => finish(event.data)
    worker.onerror = () => finish(null)
    worker.postMessage(task)
  })
}

function proof(task: Schema['DrawTask'], number: number) {
  const { challenge, salt, signature } = task
  return { algorithm: 'SHA-256', challenge, number, salt, signature }
}
