// Where refunded money goes: pro rata to the customer and back to the public fund.  按比例退款
//
// The same arithmetic as the house: cumulative, rounded half up, so the last refund leaves
// nothing over. Shown before it is asked for; the house's answer is what counts.

export interface RefundShares {
  to_consumer_fen: number
  to_fund_fen: number
}

export function shareRefund(
  sums: { net_fen: number; discount_fen: number; refunded_fen: number },
  amount_fen: number,
): RefundShares {
  const before = fundShare(sums.discount_fen, sums.refunded_fen, sums.net_fen)
  const after = fundShare(sums.discount_fen, sums.refunded_fen + amount_fen, sums.net_fen)
  const to_fund_fen = after - before
  return { to_fund_fen, to_consumer_fen: amount_fen - to_fund_fen }
}

function fundShare(discount_fen: number, refunded_fen: number, net_fen: number): number {
  return Math.floor((2 * discount_fen * refunded_fen + net_fen) / (2 * net_fen))
}

const IF_ANY = ['Offers', 'Goods returned before', 'of these']

/** What did not happen before need not be said; what happens now is, also when it is nothing. */
export function toldLines<Line extends { label_en: string; amount_fen: number }>(
  lines: Line[],
): Line[] {
  return lines.filter(
    (line) => line.amount_fen !== 0 || !IF_ANY.some((word) => line.label_en.startsWith(word)),
  )
}
