"""Payments that have paid for a redemption: each pays for one.  支付流水"""

from huiquan.db.connection import Tx
from huiquan.domain.redemptions import Redemption


async def claim(tx: Tx, redemption: Redemption) -> bool:
    """Take a merchant's payment for this redemption; False when another one has it (the guard).

    Of two tills that name the same payment at one moment, the second waits for the first.
    """
    claimed: int | None = await tx.fetchval(
        """
        insert into payments (merchant_id, payment_ref, lane, campaign_id, idx, lock_no)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (merchant_id, payment_ref) do nothing
        returning 1
        """,
        redemption.merchant_id,
        redemption.payment_ref,
        redemption.lane,
        redemption.campaign_id,
        redemption.idx,
        redemption.lock_no,
    )
    return claimed == 1
