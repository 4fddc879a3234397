// Checks the proof files that come in, one JSON a line: {"text", "known"}.  核对证明文件
//
// Answers each with {"state", "fault", "where", "step", "steps"} on a line of its own.

import { createInterface } from 'node:readline'
import { checkAll } from '../../frontends/shared/verify/proof.ts'

for await (const line of createInterface({ input: process.stdin })) {
  const { text, known } = JSON.parse(line)
  const { state, lines } = checkAll(text, known ?? {})
  const last = lines[lines.length - 1]
  const steps = Object.fromEntries(lines.map((each) => [each.step, each.state]))
  console.log(JSON.stringify({ state, fault: last.fault, where: last.where, step: last.step, steps }))
}
