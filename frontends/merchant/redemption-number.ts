// The number on the customer's voucher, as a cashier types it: strokes and the R may be left out.  核销流水号

const PARTS = /^R?(\d{3})(\d{4})(\d{9})(\d{2})([0-9A-Z])$/

/** The number in a QR code that a customer shows for a return; null when it is none. */
export function scannedNumber(text: string): string | null {
  const number = redemptionNumber(text)
  return /^R\d{3}-/.test(number) ? number : null
}

/** "r001 0000 000000024 01 g" -> "R001-0000-000000024-01-G"; what is none stays as it was typed. */
export function redemptionNumber(typed: string): string {
  const plain = typed.toUpperCase().replace(/\s/g, '')
  const parts = PARTS.exec(plain.replace(/[^0-9A-Z]/g, ''))
  return parts ? `R${parts.slice(1).join('-')}` : plain
}
