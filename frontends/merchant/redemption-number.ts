// The number on the customer's voucher, scanned or typed; its lengths are the house's.  核销流水号

const WHOLE = /^R?(\d{3,5}-\d{4}-\d{9,19}-\d{2,5}-[0-9A-Z])$/
// Without strokes only the shortest numbers can be told apart, and those are nearly all.
const SHORTEST = /^R?(\d{3})(\d{4})(\d{9})(\d{2})([0-9A-Z])$/

/**
 * The number in a QR code that a customer shows for a return; null when it is none.
 *
 * It has to stand there whole, with its R and its strokes: a payment code is a row of digits, too.
 */
export function scannedNumber(text: string): string | null {
  const number = text.trim()
  return number[0] === 'R' && WHOLE.test(number) ? number : null
}

/** "r001 0000 000000024 01 g" -> "R001-0000-000000024-01-G"; what is none stays as it was typed. */
export function redemptionNumber(typed: string): string {
  const plain = typed.toUpperCase().replace(/\s/g, '')
  const whole = WHOLE.exec(plain)
  if (whole) return `R${whole[1]}`
  const parts = SHORTEST.exec(plain.replace(/[^0-9A-Z]/g, ''))
  return parts ? `R${parts.slice(1).join('-')}` : plain
}
