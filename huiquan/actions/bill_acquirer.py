"""Bill an acquirer for a day: what was redeemed and refunded over its door.  出具收单账单"""

from dataclasses import dataclass
from datetime import date

from huiquan.app import App
from huiquan.db import acquirers, bills
from huiquan.domain.bills import Bill, is_ready, make_bill
from huiquan.domain.days import day_number, ends_at, starts_at
from huiquan.domain.refusals import Refusal


@dataclass(frozen=True, kw_only=True)
class SignedBill:
    """A bill with the platform's signature over its `text_to_sign`."""

    bill: Bill
    signature: bytes


async def bill_acquirer(app: App, code: str, day: date) -> SignedBill | Refusal:
    """Make the bill of a day that is over; made again it is the same to the byte. (R3.8)

    The hash of the first is kept. Refuses UNKNOWN_ACQUIRER, BILL_NOT_READY (before 00:15 of the
    next day), BILL_CHANGED: the day now gives other bytes, so nobody gets any until that is known.
    """
    now = app.clock()
    if not is_ready(day, now):
        return Refusal.BILL_NOT_READY
    async with app.db.transaction() as tx:
        found = await acquirers.by_code(tx, code)
        if found is None:
            return Refusal.UNKNOWN_ACQUIRER
        if found.is_sandbox:
            lines = await bills.sandbox_lines_of_day(
                tx, found.acquirer_id, starts_at(day), ends_at(day)
            )
        else:
            lines = await bills.lines_of_day(tx, found.acquirer_id, day_number(day))
        bill = make_bill(code, day, lines)
        if not await bills.keep_hash(tx, found.acquirer_id, bill, now):
            return Refusal.BILL_CHANGED
    return SignedBill(bill=bill, signature=app.signer.sign_text(bill.text_to_sign))
