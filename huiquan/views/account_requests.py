"""Account requests as officials see them: the last four digits, and who said what.  账户申请"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import account_requests
from huiquan.domain.account_requests import AccountRequest
from huiquan.domain.merchants import normalise_uscc
from huiquan.domain.refusals import Refusal

SHOWN_MOST = 500


@dataclass(frozen=True, kw_only=True)
class RequestLine:
    """One request; of account numbers only the last four digits.

    account_before is the end of the account in force when it was asked for, None when there was
    none. named_by is who had named the account alone, before two people were needed.
    """

    request_id: int
    merchant_id: int
    merchant: str
    uscc: str
    state: str
    is_in_force: bool
    account_end: str
    account_before: str | None
    account_name: str
    bank_name: str
    bank_code: str
    asked_by: str | None
    asked_by_id: int | None
    asked_at: datetime
    named_by: str | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


async def requests_shown(app: App) -> list[RequestLine]:
    """The requests that wait, the oldest first, then the newest of those that were answered."""
    return await _lines(app, "true")


async def request_shown(app: App, request_id: int) -> RequestLine:
    """One request that is there."""
    (found,) = await _lines(app, "r.request_id = $1", request_id)
    return found


async def request_of(app: App, uscc: str) -> AccountRequest | Refusal:
    """A merchant's request that waits, or the one in force.

    Refuses UNKNOWN_MERCHANT, UNKNOWN_ACCOUNT_REQUEST (there is neither).
    """
    async with app.db.reading() as tx:
        merchant_id = await account_requests.merchant_by_uscc(tx, normalise_uscc(uscc))
        if merchant_id is None:
            return Refusal.UNKNOWN_MERCHANT
        earlier = await account_requests.earlier_of(tx, merchant_id)
    return earlier.open or earlier.in_force or Refusal.UNKNOWN_ACCOUNT_REQUEST


async def _lines(app: App, which: str, *args: int) -> list[RequestLine]:
    async with app.db.reading() as tx:
        rows = await tx.fetch(
            f"""
            select r.request_id, r.merchant_id, m.name as merchant, m.uscc, r.state,
                   r.state = 'confirmed' and r.replaced_at is null as is_in_force,
                   right(r.account_no, 4) as account_end,
                   (select right(b.account_no, 4)
                      from account_requests b
                     where b.merchant_id = r.merchant_id
                       and b.request_id < r.request_id
                       and b.state = 'confirmed'
                     order by b.request_id desc
                     limit 1) as account_before,
                   r.account_name, r.bank_name, r.bank_code, a.name as asked_by,
                   r.asked_by as asked_by_id, r.asked_at, r.named_by, d.name as decided_by,
                   r.decided_at, r.reason
              from account_requests r
              join merchants m using (merchant_id)
              left join staff a
                on a.staff_id = r.asked_by
              left join staff d
                on d.staff_id = r.decided_by
             where {which}
             order by r.state <> 'open', r.decided_at desc, r.request_id
             limit {SHOWN_MOST}
            """,
            *args,
        )
    return [RequestLine(**dict(row)) for row in rows]
