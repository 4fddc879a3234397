// Whether this browser can compute with the large whole numbers that a check needs.  能否核对

/** BigInt came with Chrome 67 and Safari 14; without it the check's program cannot even load. */
export function canCheck(): boolean {
  return typeof BigInt === 'function' && typeof TextEncoder === 'function'
}
