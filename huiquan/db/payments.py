"""Payments that have paid for a redemption: each pays for one.  支付流水"""

from huiquan.db.together import Write
from huiquan.domain.redemptions import Redemption
from huiquan.domain.refusals import Refusal


def claim(redemption: Redemption) -> Write:
    """Take a merchant's payment for this redemption; PAYMENT_REF_USED when another one has it.

    Of two tills that name the same payment at one moment, the second waits for the first.
    """
    return Write(
        sql="""
        insert into payments (merchant_id, payment_ref, lane, campaign_id, idx, lock_no)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (merchant_id, payment_ref) do nothing
        returning 1
        """,
        args=(
            redemption.merchant_id,
            redemption.payment_ref,
            redemption.lane,
            redemption.campaign_id,
            redemption.idx,
            redemption.lock_no,
        ),
        refusal=Refusal.PAYMENT_REF_USED,
    )
