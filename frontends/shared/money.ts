// Money is whole fen; this is the only place where it becomes text, or text becomes it.  金额

const FEN_PER_YUAN = 100

/** 21800 -> "218.00", 315000 -> "3,150.00". For sums that must show every fen. */
export function yuan(fen: number): string {
  const sign = fen < 0 ? '−' : ''
  const whole = Math.floor(Math.abs(fen) / FEN_PER_YUAN)
  const rest = String(Math.abs(fen) % FEN_PER_YUAN).padStart(2, '0')
  return `${sign}${grouped(whole)}.${rest}`
}

/** 21800 -> "¥218.00", -4000 -> "−¥40.00": the sign of the sum stands before that of the money. */
export function money(fen: number): string {
  return `${fen < 0 ? '−' : ''}¥${yuan(Math.abs(fen))}`
}

/** 5000 -> "50", 5050 -> "50.50". For face values and thresholds, which are mostly round. */
export function yuanShort(fen: number): string {
  return fen % FEN_PER_YUAN === 0 ? grouped(fen / FEN_PER_YUAN) : yuan(fen)
}

const DIGITS_AT_A_TILL = 7

/** What a person typed, in yuan, as fen; null when it is not a sum of money. */
export function fenFromText(text: string, digits = DIGITS_AT_A_TILL): number | null {
  const plain = text.replace(/[,，\s¥￥]/g, '')
  const match = /^(\d+)(?:\.(\d{1,2}))?$/.exec(plain)
  if (!match || match[1]!.length > digits) return null
  return Number(match[1]) * FEN_PER_YUAN + Number((match[2] ?? '').padEnd(2, '0'))
}

export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** Large counts as people say them: 1388680 -> "138.9 万" or "1.39 million". */
export function roughCount(count: number, lang: 'zh' | 'en'): string {
  if (lang === 'zh') {
    if (count >= 100_000_000) return `${oneDecimal(count, 100_000_000)} 亿`
    return count >= 10_000 ? `${oneDecimal(count, 10_000)} 万` : grouped(count)
  }
  if (count >= 1_000_000) return `${oneDecimal(count, 1_000_000)} M`
  return count >= 10_000 ? `${oneDecimal(count, 1_000)} k` : grouped(count)
}

function oneDecimal(count: number, unit: number): string {
  const tenths = Math.floor((count * 10) / unit)
  return `${grouped(Math.floor(tenths / 10))}.${tenths % 10}`
}

/** 7580 basis points -> "75.8%". */
export function percent(basisPoints: number): string {
  return `${(Math.round(basisPoints / 10) / 10).toFixed(1)}%`
}
