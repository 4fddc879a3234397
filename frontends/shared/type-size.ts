// Large type for elders: standard, large, extra large. The page re-flows, it does not zoom.  长辈版

import { ref } from 'vue'
import { keep, recall } from './keep'

export type TypeSize = 'standard' | 'large' | 'extra'
export const TYPE_SIZES: readonly TypeSize[] = ['standard', 'large', 'extra']

export const typeSize = ref<TypeSize>('standard')

export function setTypeSize(size: TypeSize): void {
  typeSize.value = size
  const marks = document.documentElement.classList
  marks.toggle('elder', size !== 'standard')
  marks.toggle('elder-extra', size === 'extra')
  keep('type-size', size)
}

export function restoreTypeSize(): void {
  const size = recall('type-size') as TypeSize | null
  if (size && TYPE_SIZES.indexOf(size) > 0) setTypeSize(size)
}
