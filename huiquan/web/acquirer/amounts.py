"""A payment or a refund of the wrong amount is refused with the right one beside it.  金额提示

The customer stands at the counter: whoever asks again has to know what would have been taken.
"""

from huiquan.domain.money import yuan
from huiquan.domain.redemptions import Redemption
from huiquan.domain.refusals import Refusal
from huiquan.views.acquirer_orders import OrderStory, RefundLine
from huiquan.web.acquirer.callers import AcquirerCaller
from huiquan.web.acquirer.desk import Desk, GoodsBack, Paid
from huiquan.web.answers import RefusedError, accepted


async def redeemed(desk: Desk, caller: AcquirerCaller, paid: Paid) -> Redemption:
    """The voucher spent; AMOUNT_DIFFERS says what had to be paid."""
    done = await desk.redeem(caller, paid)
    if done is Refusal.AMOUNT_DIFFERS:
        story = await desk.order(caller.acquirer.acquirer_id, paid.order_ref)
        raise _other_amount(story, paid.paid_fen)
    return accepted(done)


async def refunded(desk: Desk, caller: AcquirerCaller, back: GoodsBack) -> RefundLine:
    """The goods taken back; REFUND_TOO_LARGE says what may still come back."""
    done = await desk.refund(caller, back)
    if done is Refusal.REFUND_TOO_LARGE:
        story = await desk.payment(caller.acquirer.acquirer_id, back.payment_ref)
        raise _too_large(story, back.amount_fen)
    return accepted(done)


def _other_amount(story: OrderStory, paid_fen: int) -> RefusedError:
    assert story.lock is not None, "what is paid was locked"
    to_pay_fen = story.lock.quote.to_pay_fen
    said = (
        f"应付 {yuan(to_pay_fen)} 元，上报的实付是 {yuan(paid_fen)} 元：请退还顾客并解除占用。",
        f"{yuan(to_pay_fen)} yuan were to be paid, {yuan(paid_fen)} were reported: pay it back and "
        "unlock.",
    )
    return RefusedError(Refusal.AMOUNT_DIFFERS, {"to_pay_fen": to_pay_fen}, said)


def _too_large(story: OrderStory, amount_fen: int) -> RefusedError:
    assert story.redemption is not None, "what is refunded was redeemed"
    net_fen = story.redemption.quote.net_fen
    left_fen = story.refunds[-1].left_fen if story.refunds else net_fen
    said = (
        f"本单还可退货 {yuan(left_fen)} 元，本次申请 {yuan(amount_fen)} 元。",
        f"Goods of {yuan(left_fen)} yuan may still come back, {yuan(amount_fen)} were asked for.",
    )
    return RefusedError(Refusal.REFUND_TOO_LARGE, {"left_fen": left_fen}, said)
