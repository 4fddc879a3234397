// All that computes in a check, as one part that comes only when somebody checks.  核对程序

export { runCheck, type Checked } from './run'
export { decided, inputsOf, promised, signers } from './shown'
export { chanceOfNone, ofDay, type OfDay } from './history'
