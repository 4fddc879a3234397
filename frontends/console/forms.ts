// What a form about money asks for, how it is read, and what came of it.  办理表单

import { sentence, type Answer } from '../shared/ask'
import { fenFromText } from '../shared/money'

// A sum of the department's may have twelve digits of yuan.
const DIGITS = 12

export interface FormField {
  name: string
  label: string
  hint?: string
  kind: 'yuan' | 'text' | 'day' | 'number' | 'choice'
  choices?: Array<{ value: string; label: string }>
  optional?: boolean
  most?: number
}

export type Filled = Record<string, string>
export type Outcome = { ok: boolean; words: string }

export function isMissing(field: FormField, text: string): boolean {
  const said = text.trim()
  if (!said) return !field.optional
  if (field.kind === 'yuan') return !fenFromText(said, DIGITS)
  if (field.kind === 'number') return !/^[1-9]\d{0,14}$/.test(said)
  return false
}

export function fenOf(text: string | undefined): number {
  return fenFromText(text ?? '', DIGITS) ?? 0
}

export function textOf(text: string | undefined): string | null {
  return text?.trim() || null
}

export function numberOf(text: string | undefined): number | null {
  return text?.trim() ? Number(text) : null
}

/** A field as it stands in the last look before the deed. */
export function shownValue(field: FormField, text: string, yuan: (fen: number) => string): string {
  if (field.kind === 'yuan') return `¥${yuan(fenOf(text))}`
  if (field.kind !== 'choice') return text.trim()
  return field.choices?.find((each) => each.value === text)?.label ?? text
}

export function outcome<T>(answer: Answer<T>, words: (data: T) => string): Outcome {
  return answer.ok
    ? { ok: true, words: words(answer.data as T) }
    : { ok: false, words: sentence(answer.problem) }
}
