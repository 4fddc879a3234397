"""Payment files as they are kept, with their lines and all that the bank said.  付款文件"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from huiquan.db.account_requests import account_in
from huiquan.db.connection import Row, Tx
from huiquan.domain.bank_answers import Answer, LineFact, LineState, Verdict
from huiquan.domain.days import day_from_number, day_number
from huiquan.domain.payment_files import FileState, Payment, file_hash


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """One payment file as it stands."""

    file_id: int
    campaign_id: int
    day: date
    state: FileState
    line_count: int
    amount_fen: int
    sha256: bytes
    drafted_by: int


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """The line of a file that an answer is about."""

    file_id: int
    settlement_id: int
    merchant_id: int
    fact: LineFact


# Every settlement that can be paid is held and marked; what its line needs comes with it.
_MARK = """
    with held as (
        select s.settlement_id
          from settlements s
         where s.campaign_id = $1
           and s.state = 'settled'
           and s.amount_fen > 0
           and not exists (select from settlement_holds h
                            where h.merchant_id = s.merchant_id
                              and h.kind = 'merchant'
                              and h.lifted_at is null
                              and (h.until is null or h.until > $2))
           and exists (select from account_requests a
                        where a.merchant_id = s.merchant_id
                          and a.state = 'confirmed'
                          and a.replaced_at is null)
         order by s.settlement_id
           for update of s
    ), marked as (
        update settlements
           set state = 'in_file'
         where settlement_id in (select settlement_id from held)
           and state = 'settled'
        returning settlement_id, ref, merchant_id, rail, amount_fen
    )
    select m.*, a.request_id, a.account_no, a.account_name, a.bank_name, a.bank_code,
           row_number() over (order by m.settlement_id)::integer as line_no
      from marked m
      join account_requests a
        on a.merchant_id = m.merchant_id
       and a.state = 'confirmed'
       and a.replaced_at is null
     order by line_no
"""


async def draft(tx: Tx, campaign_id: int, day: date, staff_id: int, at: datetime) -> FileRow | None:
    """Put every settlement that can be paid into a new file; None when there is none.

    Of two that draft at once, the second finds nothing: the settlements are held and marked. Those
    of merchants without an account, or held back, wait. The caller holds the accounts.
    """
    payments = [_payment(row) for row in await tx.fetch(_MARK, campaign_id, at)]
    if not payments:
        return None
    file_id: int = await tx.fetchval("select nextval('payment_files_file_id_seq')")
    row = FileRow(
        file_id=file_id,
        campaign_id=campaign_id,
        day=day,
        state=FileState.DRAFTED,
        line_count=len(payments),
        amount_fen=sum(one.amount_fen for one in payments),
        sha256=file_hash(file_id, day, payments),
        drafted_by=staff_id,
    )
    await _record(tx, row, payments, at)
    return row


async def _record(tx: Tx, row: FileRow, payments: Sequence[Payment], at: datetime) -> None:
    await tx.execute(
        """
        insert into payment_files (file_id, campaign_id, day, state, line_count, amount_fen, sha256,
                                   drafted_by, drafted_at)
        overriding system value
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        row.file_id,
        row.campaign_id,
        day_number(row.day),
        row.state.value,
        row.line_count,
        row.amount_fen,
        row.sha256,
        row.drafted_by,
        at,
    )
    await tx.executemany(
        """
        insert into payment_lines (file_id, line_no, settlement_id, ref, merchant_id, rail,
                                   amount_fen, request_id, account_no, account_name, bank_name,
                                   bank_code)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        [
            (
                row.file_id,
                one.line_no,
                one.settlement_id,
                one.ref,
                one.merchant_id,
                one.rail,
                one.amount_fen,
                one.request_id,
                one.account.account_no,
                one.account.account_name,
                one.account.bank_name,
                one.account.bank_code,
            )
            for one in payments
        ],
    )


async def payments_of(tx: Tx, file_id: int) -> list[Payment]:
    """The lines of a file as the bank gets them."""
    rows = await tx.fetch(
        """
        select line_no, settlement_id, ref, merchant_id, rail, amount_fen, request_id, account_no,
               account_name, bank_name, bank_code
          from payment_lines
         where file_id = $1
         order by line_no
        """,
        file_id,
    )
    return [_payment(row) for row in rows]


def _payment(row: Row) -> Payment:
    return Payment(
        line_no=row["line_no"],
        settlement_id=row["settlement_id"],
        ref=row["ref"],
        merchant_id=row["merchant_id"],
        rail=row["rail"],
        amount_fen=row["amount_fen"],
        request_id=row["request_id"],
        account=account_in(row),
    )


async def find(tx: Tx, file_id: int) -> FileRow | None:
    """One file as it stands, or None."""
    return await _one(tx, file_id, "")


async def hold(tx: Tx, file_id: int) -> FileRow | None:
    """One file, held until the commit, or None."""
    return await _one(tx, file_id, "for update")


async def _one(tx: Tx, file_id: int, lock: str) -> FileRow | None:
    row = await tx.fetchrow(
        f"""
        select file_id, campaign_id, day, state, line_count, amount_fen, sha256, drafted_by
          from payment_files
         where file_id = $1
           {lock}
        """,
        file_id,
    )
    if row is None:
        return None
    fields = {"day": day_from_number(row["day"]), "state": FileState(row["state"])}
    return FileRow(**{**dict(row), **fields})


_MOMENT_OF = {
    FileState.APPROVED: "approved_at",
    FileState.SENT: "sent_at",
    FileState.ACCEPTED: "accepted_at",
    FileState.DONE: "done_at",
    FileState.WITHDRAWN: "withdrawn_at",
}


async def move(tx: Tx, row: FileRow, to: FileState, at: datetime) -> None:
    """Move a file that is held on to its next state, once."""
    moved = await tx.fetchval(
        f"""
        update payment_files
           set state = $3,
               {_MOMENT_OF[to]} = $4
         where file_id = $1
           and state = $2
        returning 1
        """,
        row.file_id,
        row.state.value,
        to.value,
        at,
    )
    assert moved == 1, "the file moved although it was held for this"


async def name_batch(tx: Tx, file_id: int, bank_batch: str) -> None:
    """Keep the bank's own number of the file."""
    await tx.execute(
        "update payment_files set bank_batch = $2 where file_id = $1", file_id, bank_batch
    )


async def withdraw_lines(tx: Tx, file_id: int) -> None:
    """Give the settlements of a file back, so that another may take them."""
    await tx.execute(
        """
        update settlements
           set state = 'settled'
         where state = 'in_file'
           and settlement_id in (select settlement_id from payment_lines where file_id = $1)
        """,
        file_id,
    )
    await tx.execute("update payment_lines set state = 'withdrawn' where file_id = $1", file_id)


async def hold_line(tx: Tx, file_id: int, answer: Answer) -> LineRow | None:
    """The line an answer is about, held until the commit, or None.

    Answers are taken one at a time over all files, so that a bank's number is seen only once.
    """
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('bank answers', 0))")
    row = await tx.fetchrow(
        """
        select l.file_id, l.settlement_id, l.merchant_id, l.state, l.amount_fen, l.bank_ref,
               exists (select from payment_lines o
                        where o.bank_ref = $3
                          and o.state = 'paid'
                          and o.settlement_id <> l.settlement_id) as is_ref_taken
          from payment_lines l
         where l.file_id = $1
           and l.ref = $2
           for update of l
        """,
        file_id,
        answer.ref,
        answer.bank_ref,
    )
    if row is None:
        return None
    fact = LineFact(
        state=LineState(row["state"]),
        amount_fen=row["amount_fen"],
        bank_ref=row["bank_ref"],
        is_ref_taken=row["is_ref_taken"],
    )
    ids = {name: row[name] for name in ("file_id", "settlement_id", "merchant_id")}
    return LineRow(**ids, fact=fact)


async def line_sent(tx: Tx, settlement_id: int) -> tuple[int, str] | None:
    """The file and reference under which a settlement went to the bank, or None if it did not."""
    row = await tx.fetchrow(
        """
        select l.file_id, l.ref
          from payment_lines l
          join payment_files f using (file_id)
         where l.settlement_id = $1
           and f.state in ('sent', 'accepted', 'done')
        """,
        settlement_id,
    )
    return (row["file_id"], row["ref"]) if row else None


async def mark_line(tx: Tx, row: LineRow, to: LineState, answer: Answer, at: datetime) -> None:
    """Move a line on, once; a payment that comes back keeps the bank's number of the payment."""
    moved = await tx.fetchval(
        """
        update payment_lines
           set state = $4,
               bank_ref = case when $4 = 'paid' then $5 else bank_ref end,
               reason = $6,
               answered_at = $7
         where file_id = $1
           and settlement_id = $2
           and state = $3
        returning 1
        """,
        row.file_id,
        row.settlement_id,
        row.fact.state.value,
        to.value,
        answer.bank_ref,
        answer.reason,
        at,
    )
    assert moved == 1, "the line moved although it was held for this"


async def keep_answer(
    tx: Tx, file_id: int, answer: Answer, verdict: Verdict, by: str, at: datetime
) -> bool:
    """Keep what the bank said; False when it has said the same before (the guard)."""
    kept = await tx.fetchval(
        """
        insert into bank_answers (file_id, ref, outcome, amount_fen, bank_ref, reason, verdict,
                                  taken_by, taken_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (file_id, ref, outcome, amount_fen, bank_ref) do nothing
        returning 1
        """,
        file_id,
        answer.ref,
        answer.outcome.value,
        answer.amount_fen,
        answer.bank_ref,
        answer.reason,
        verdict.value,
        by,
        at,
    )
    return bool(kept)


async def waiting_lines(tx: Tx, file_id: int) -> int:
    """How many lines of a file the bank has not answered."""
    found: int = await tx.fetchval(
        "select count(*) from payment_lines where file_id = $1 and state = 'waiting'", file_id
    )
    return found
