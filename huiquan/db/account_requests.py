"""Account requests as they are kept; confirmed and not replaced is in force.  账户申请"""

from datetime import datetime

from huiquan.db.connection import Row, Tx
from huiquan.domain.account_requests import AccountRequest, Earlier, RequestState
from huiquan.domain.payment_files import PayeeAccount

_COLUMNS = """
    request_id, merchant_id, account_no, account_name, bank_name, bank_code, state, asked_by,
    decided_by, replaced_at
"""


async def hold(tx: Tx) -> None:
    """Hold all accounts until the commit: what is asked, confirmed and drafted follows in turn.

    Whoever takes the time takes it afterwards, so that a file drafted after a confirmation is also
    the later one by the clock.
    """
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('payee accounts', 0))")


async def merchant_by_uscc(tx: Tx, uscc: str) -> int | None:
    """The merchant with this credit code, or None."""
    found: int | None = await tx.fetchval("select merchant_id from merchants where uscc = $1", uscc)
    return found


async def find(tx: Tx, request_id: int) -> AccountRequest | None:
    """One request as it stands, or None."""
    row = await tx.fetchrow(
        f"select {_COLUMNS} from account_requests where request_id = $1", request_id
    )
    return _request(row) if row else None


async def earlier_of(tx: Tx, merchant_id: int) -> Earlier:
    """What a merchant has: the request that waits, and the one whose account is in force."""
    rows = await tx.fetch(
        f"""
        select {_COLUMNS}
          from account_requests
         where merchant_id = $1
           and (state = 'open' or (state = 'confirmed' and replaced_at is null))
        """,
        merchant_id,
    )
    found = {one.state: one for one in map(_request, rows)}
    return Earlier(open=found.get(RequestState.OPEN), in_force=found.get(RequestState.CONFIRMED))


async def record(
    tx: Tx, merchant_id: int, account: PayeeAccount, staff_id: int, at: datetime
) -> AccountRequest:
    """Open a request; a second one of the same merchant is a key violation."""
    request_id = await tx.fetchval(
        """
        insert into account_requests (merchant_id, account_no, account_name, bank_name, bank_code,
                                      state, asked_by, asked_at)
        values ($1, $2, $3, $4, $5, 'open', $6, $7)
        returning request_id
        """,
        merchant_id,
        account.account_no,
        account.account_name,
        account.bank_name,
        account.bank_code,
        staff_id,
        at,
    )
    return AccountRequest(
        request_id=request_id,
        merchant_id=merchant_id,
        account=account,
        state=RequestState.OPEN,
        asked_by=staff_id,
        decided_by=None,
        is_in_force=False,
    )


async def take_up(tx: Tx, request_id: int, staff_id: int) -> None:
    """Let somebody stand as the asker of a request that one person had named before, once."""
    taken = await tx.fetchval(
        """
        update account_requests
           set asked_by = $2
         where request_id = $1
           and state = 'open'
           and asked_by is null
        returning 1
        """,
        request_id,
        staff_id,
    )
    assert taken == 1, "the request had an asker although the accounts were held"


async def put_in_force(tx: Tx, request: AccountRequest, staff_id: int, at: datetime) -> None:
    """open -> confirmed, once; from now on the merchant is paid there, and nowhere else."""
    await tx.execute(
        """
        update account_requests
           set replaced_at = $2
         where merchant_id = $1
           and state = 'confirmed'
           and replaced_at is null
        """,
        request.merchant_id,
        at,
    )
    await _decide(tx, request.request_id, RequestState.CONFIRMED, staff_id, None, at)


async def end(
    tx: Tx, request_id: int, state: RequestState, staff_id: int, reason: str, at: datetime
) -> None:
    """open -> refused or withdrawn, once."""
    await _decide(tx, request_id, state, staff_id, reason, at)


async def _decide(
    tx: Tx, request_id: int, state: RequestState, staff_id: int, reason: str | None, at: datetime
) -> None:
    decided = await tx.fetchval(
        """
        update account_requests
           set state = $2,
               decided_by = $3,
               reason = $4,
               decided_at = $5
         where request_id = $1
           and state = 'open'
        returning 1
        """,
        request_id,
        state.value,
        staff_id,
        reason,
        at,
    )
    assert decided == 1, "the request was answered although the accounts were held"


def account_in(row: Row) -> PayeeAccount:
    """The account in a row that bears its four fields."""
    return PayeeAccount(**{name: row[name] for name in PayeeAccount.__dataclass_fields__})


def _request(row: Row) -> AccountRequest:
    state = RequestState(row["state"])
    return AccountRequest(
        request_id=row["request_id"],
        merchant_id=row["merchant_id"],
        account=account_in(row),
        state=state,
        asked_by=row["asked_by"],
        decided_by=row["decided_by"],
        is_in_force=state is RequestState.CONFIRMED and row["replaced_at"] is None,
    )
