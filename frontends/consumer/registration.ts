// What is being filled in for a registration; it lives in memory only, never in storage.  报名

import { reactive, ref } from 'vue'
import type { Schema } from '../shared/api'
import type { Fault } from '../shared/ErrorSummary.vue'

export type DocumentKind = Schema['Document']['kind']

const EMPTY = {
  phone: '',
  sms_code: '',
  name: '',
  kind: 'resident_id' as DocumentKind,
  number: '',
  identity: false,
  location: false,
}

export const form = reactive({ ...EMPTY })

/** What the house refused, to be shown on the step that can mend it. */
export const refused = ref<Fault[]>([])

export function clearForm(): void {
  Object.assign(form, EMPTY)
  refused.value = []
}

// Which step, and which field of it, can mend a refusal.
const MENDS: Record<string, [step: string, field: string]> = {
  bad_phone: ['1', 'phone'],
  phone_in_use: ['1', 'phone'],
  sms_code_wrong: ['1', 'sms-code'],
  sms_code_expired: ['1', 'sms-code'],
  bad_name: ['2', 'name'],
  bad_document: ['2', 'number'],
  identity_mismatch: ['2', 'number'],
  under_age: ['2', 'number'],
  already_registered: ['2', 'number'],
  consent_missing: ['3', 'consent-identity'],
  consent_outdated: ['3', 'consent-identity'],
}

export function mendedAt(code: string): { step: string; field: string } {
  const [step, field] = MENDS[code] ?? ['3', 'submit']
  return { step, field }
}

export function phoneIsWhole(phone: string): boolean {
  return /^1[3-9]\d{9}$/.test(phone.replace(/\s/g, ''))
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECK_LETTERS = '10X98765432'

/** GB 11643: the last character of a resident identity number checks the other 17. */
export function residentNumberHolds(number: string): boolean {
  if (!/^\d{17}[\dXx]$/.test(number)) return false
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(number[place]), 0)
  return CHECK_LETTERS[sum % 11] === number[17]!.toUpperCase()
}

export function documentLooksRight(kind: DocumentKind, number: string): boolean {
  const plain = number.replace(/\s/g, '')
  if (kind === 'resident_id') return residentNumberHolds(plain)
  return /^[A-Za-z0-9]{5,20}$/.test(plain)
}
