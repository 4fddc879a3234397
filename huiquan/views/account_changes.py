"""Payees of a file whose account is another than the one they were last paid on.  收款账户变更"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx


@dataclass(frozen=True, kw_only=True)
class AccountChange:
    """A payee of a file, the account it was last paid on, and whose word the new one is.

    previous_end is None for whoever was never paid before. asked_by and confirmed_by are None in a
    file that was drafted before accounts took two people.
    """

    merchant_id: int
    merchant: str
    previous_end: str | None
    account_end: str
    account_name: str
    bank_name: str
    asked_by: str | None
    asked_at: datetime | None
    confirmed_by: str | None
    confirmed_at: datetime | None


# Where the payee of a line `l` was last paid, whatever the campaign; one look into an index.
LAST_PAID = """
    left join lateral (
        select o.account_no, o.account_name, o.bank_code
          from payment_lines o
         where o.merchant_id = l.merchant_id
           and o.file_id < l.file_id
           and o.state = 'paid'
         order by o.file_id desc, o.line_no desc
         limit 1
    ) p on true
"""
IS_ANOTHER = """
    (p.account_no, p.account_name, p.bank_code)
    is distinct from (l.account_no, l.account_name, l.bank_code)
"""


async def changes_in(tx: Tx, file_id: int) -> list[AccountChange]:
    """Every payee of a file that is paid on another account than before, or for the first time."""
    rows = await tx.fetch(
        f"""
        select distinct on (p.account_no is null, l.merchant_id)
               l.merchant_id, m.name as merchant, right(p.account_no, 4) as previous_end,
               right(l.account_no, 4) as account_end, l.account_name, l.bank_name,
               a.name as asked_by, r.asked_at, c.name as confirmed_by, r.decided_at as confirmed_at
          from payment_lines l
          join merchants m using (merchant_id)
          {LAST_PAID}
          left join account_requests r using (request_id)
          left join staff a
            on a.staff_id = r.asked_by
          left join staff c
            on c.staff_id = r.decided_by
         where l.file_id = $1
           and {IS_ANOTHER}
         order by p.account_no is null, l.merchant_id, l.line_no
        """,
        file_id,
    )
    return [AccountChange(**dict(row)) for row in rows]
