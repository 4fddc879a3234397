"""Which desk an acquirer meets: the real one, or the sandbox's.  沙箱柜台"""

from dataclasses import dataclass

from huiquan.actions.try_lock import try_lock
from huiquan.actions.try_redemption import PaymentTried, try_redemption
from huiquan.actions.try_refund import try_refund
from huiquan.actions.try_unlock import try_unlock
from huiquan.app import App
from huiquan.domain.offers import Order
from huiquan.domain.redemptions import Lock, Redemption
from huiquan.domain.refusals import Refusal
from huiquan.domain.shortfalls import Shortfall
from huiquan.domain.tills import Terminal
from huiquan.views.acquirer_orders import OrderState, OrderStory, RefundLine
from huiquan.views.sandbox import (
    quote_tried,
    shortfall_tried,
    tried_by_order,
    tried_by_payment,
    tried_by_refund,
    voucher_kind_tried,
)
from huiquan.views.till import Quoted, VoucherKind
from huiquan.web.acquirer.callers import AcquirerCaller
from huiquan.web.acquirer.desk import Desk, GoodsBack, Paid, RealDesk, refund_line

NO_STORE = 0


@dataclass(frozen=True, kw_only=True)
class SandboxDesk:
    """The desk at which everything can be tried."""

    app: App

    async def quote(self, at: Terminal, code: str, order: Order) -> Quoted | Refusal:
        """What a code of the sandbox would do to an order."""
        return await quote_tried(self.app, at, code, order)

    async def shortfall(self, at: Terminal, code: str, order: Order) -> Shortfall | None:
        """What an order lacks that is below the threshold of a code of the sandbox."""
        return await shortfall_tried(self.app, code, order)

    async def voucher_kind(self, at: Terminal, code: str) -> VoucherKind | None:
        """What kind of voucher a code of the sandbox stands for."""
        return await voucher_kind_tried(self.app, code)

    async def lock(self, at: Terminal, code: str, order: Order) -> Lock | Refusal:
        """Set a made-up voucher aside."""
        return await try_lock(self.app, at, code, order)

    async def redeem(self, caller: AcquirerCaller, paid: Paid) -> Redemption | Refusal:
        """Spend it."""
        at = caller.standing(NO_STORE, "", paid.order_ref)
        asked = PaymentTried(payment_ref=paid.payment_ref, paid_fen=paid.paid_fen, payer=paid.payer)
        return await try_redemption(self.app, at, asked)

    async def unlock(self, caller: AcquirerCaller, order_ref: str) -> OrderState | Refusal:
        """Give it back, or close an order that never arrived."""
        outcome = await try_unlock(self.app, caller.standing(NO_STORE, "", order_ref))
        if isinstance(outcome, Refusal):
            return outcome
        return OrderState.UNLOCKED if outcome else OrderState.CLOSED

    async def refund(self, caller: AcquirerCaller, back: GoodsBack) -> RefundLine | Refusal:
        """Take goods back."""
        at = caller.standing(NO_STORE, "", back.refund_ref)
        done = await try_refund(self.app, at, back.payment_ref, back.amount_fen)
        return done if isinstance(done, Refusal) else refund_line(back.refund_ref, done)

    async def order(self, acquirer_id: int, order_ref: str) -> OrderStory:
        """An order by its number."""
        return await tried_by_order(self.app, acquirer_id, order_ref)

    async def payment(self, acquirer_id: int, payment_ref: str) -> OrderStory:
        """An order by its payment's number."""
        return await tried_by_payment(self.app, acquirer_id, payment_ref)

    async def refunded(self, acquirer_id: int, refund_ref: str) -> OrderStory:
        """An order by a refund's number."""
        return await tried_by_refund(self.app, acquirer_id, refund_ref)


def desk_of(caller: AcquirerCaller) -> Desk:
    """The desk of this acquirer."""
    app = caller.house
    return SandboxDesk(app=app) if caller.acquirer.is_sandbox else RealDesk(app=app)
