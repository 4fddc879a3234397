// Runs a check step by step and lets the page breathe in between, so that ticks appear.  逐步核对

import { check, verdictOf, type Facts, type Known, type Line, type Verdict } from '../verify/proof'

export interface Checked extends Verdict {
  /** Time the steps themselves took, in milliseconds. */
  ms: number
}

/** Check a proof file's text; `onLine` hears of each step as soon as it is done. */
export async function runCheck(
  text: string,
  known: Known,
  onLine: (line: Line) => void,
): Promise<Checked> {
  const facts: Facts = {}
  const lines: Line[] = []
  const steps = check(text, known, facts)
  let ms = 0
  for (;;) {
    const started = performance.now()
    const next = steps.next()
    ms += performance.now() - started
    if (next.done) return { state: verdictOf(lines), lines, facts, ms }
    lines.push(next.value)
    onLine(next.value)
    await new Promise((resolve) => setTimeout(resolve))
  }
}
