"""Payment files as officials see them: lines, approvals, the bank's word, the bytes.  付款文件"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import campaigns, payment_files
from huiquan.db.connection import Row, Tx
from huiquan.domain.payment_files import Encoding, FileState, bank_file, file_hash
from huiquan.domain.refusals import Refusal
from huiquan.views.account_changes import IS_ANOTHER, LAST_PAID, AccountChange, changes_in

_MAY_BE_SEEN_BY_THE_BANK = {
    FileState.APPROVED,
    FileState.SENT,
    FileState.ACCEPTED,
    FileState.DONE,
}


@dataclass(frozen=True, kw_only=True)
class FileLine:
    """One file, how many of its payments came to what, and who approved it.

    changed_count: of a file that has not gone to the bank, how many of its payees are paid on
    another account than the last time.
    """

    file_id: int
    batch: str
    campaign_id: int
    day: int
    state: FileState
    line_count: int
    amount_fen: int
    paid_count: int
    paid_fen: int
    bounced_count: int
    bounced_fen: int
    sha256: str
    drafted_by: str
    drafted_at: datetime
    approvers: tuple[str, ...]
    approver_ids: tuple[int, ...]
    bank_batch: str | None
    changed_count: int


@dataclass(frozen=True, kw_only=True)
class PaymentLine:
    """One payment; the account is shown by its last four digits."""

    line_no: int
    settlement_id: int
    ref: str
    merchant: str
    rail: str
    amount_fen: int
    account_end: str
    bank_name: str
    state: str
    bank_ref: str | None
    reason: str | None
    answered_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AnswerLine:
    """Something the bank said that contradicts what is booked."""

    ref: str
    outcome: str
    amount_fen: int
    bank_ref: str
    reason: str
    verdict: str
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class FileStory:
    """One file with its payments, the accounts that changed, and all contradictions."""

    file: FileLine
    payments: list[PaymentLine]
    changes: list[AccountChange]
    contradictions: list[AnswerLine]


_FILES = f"""
    select f.file_id, f.campaign_id, f.day, f.state, f.line_count, f.amount_fen, f.sha256,
           f.bank_batch, f.drafted_at, d.name as drafted_by,
           count(*) filter (where l.state = 'paid') as paid_count,
           coalesce(sum(l.amount_fen) filter (where l.state = 'paid'), 0)::bigint as paid_fen,
           count(*) filter (where l.state = 'bounced') as bounced_count,
           coalesce(sum(l.amount_fen) filter (where l.state = 'bounced'), 0)::bigint as bounced_fen,
           (select array_agg(a.staff_id order by a.at, a.staff_id)
              from approvals a
             where a.subject = 'payment_file:' || f.file_id
               and a.action = 'payment_file') as approver_ids,
           (select array_agg(s.name order by a.at, a.staff_id)
              from approvals a
              join staff s using (staff_id)
             where a.subject = 'payment_file:' || f.file_id
               and a.action = 'payment_file') as approvers,
           case when f.state in ('drafted', 'approved') then
               (select count(distinct l.merchant_id)
                  from payment_lines l
                  {LAST_PAID}
                 where l.file_id = f.file_id
                   and p.account_no is not null
                   and {IS_ANOTHER})
           else 0 end as changed_count
      from payment_files f
      join payment_lines l using (file_id)
      join staff d on d.staff_id = f.drafted_by
     where {{which}}
     group by f.file_id, d.name
     order by f.file_id desc
     limit 200
"""


async def files_of(app: App, code: str) -> list[FileLine] | Refusal:
    """The payment files of a campaign, the newest first. Refuses UNKNOWN_CAMPAIGN."""
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        return await _files(tx, "f.campaign_id = $1", campaign.campaign_id)


async def files_numbered(app: App, campaign_id: int) -> list[FileLine] | Refusal:
    """The same, for whoever knows the campaign by its number."""
    async with app.db.reading() as tx:
        code = await campaigns.code_of(tx, campaign_id)
    return Refusal.UNKNOWN_CAMPAIGN if code is None else await files_of(app, code)


async def file_story(app: App, file_id: int) -> FileStory | Refusal:
    """One file. Refuses UNKNOWN_FILE."""
    async with app.db.reading() as tx:
        found = await _files(tx, "f.file_id = $1", file_id)
        if not found:
            return Refusal.UNKNOWN_FILE
        payments = await tx.fetch(
            """
            select l.line_no, l.settlement_id, l.ref, m.name as merchant, l.rail, l.amount_fen,
                   right(l.account_no, 4) as account_end, l.bank_name, l.state, l.bank_ref,
                   l.reason, l.answered_at
              from payment_lines l
              join merchants m using (merchant_id)
             where l.file_id = $1
             order by l.line_no
            """,
            file_id,
        )
        said = await tx.fetch(
            """
            select ref, outcome, amount_fen, bank_ref, reason, verdict, taken_at
              from bank_answers
             where file_id = $1
               and verdict <> 'booked'
             order by answer_id
            """,
            file_id,
        )
        changes = await changes_in(tx, file_id)
    return FileStory(
        file=found[0],
        payments=[PaymentLine(**dict(row)) for row in payments],
        changes=changes,
        contradictions=[AnswerLine(**dict(row)) for row in said],
    )


async def bank_bytes(app: App, file_id: int, encoding: Encoding) -> bytes | Refusal:
    """The file as the bank gets it. Refuses UNKNOWN_FILE, FILE_NOT_APPROVED.

    That these are the payments that were approved is asserted by the hash kept at the drafting.
    """
    async with app.db.reading() as tx:
        row = await payment_files.find(tx, file_id)
        if row is None:
            return Refusal.UNKNOWN_FILE
        if row.state not in _MAY_BE_SEEN_BY_THE_BANK:
            return Refusal.FILE_NOT_APPROVED
        payments = await payment_files.payments_of(tx, file_id)
    assert file_hash(file_id, row.day, payments) == row.sha256, "the file was changed"
    return bank_file(file_id, row.day, payments, encoding)


async def _files(tx: Tx, which: str, argument: int) -> list[FileLine]:
    return [_file(row) for row in await tx.fetch(_FILES.format(which=which), argument)]


def _file(row: Row) -> FileLine:
    fields = {
        **dict(row),
        "state": FileState(row["state"]),
        "sha256": row["sha256"].hex(),
        "approvers": tuple(row["approvers"] or ()),
        "approver_ids": tuple(row["approver_ids"] or ()),
    }
    day = row["day"]
    return FileLine(batch=f"HQ{day}-{row['file_id']:07}", **fields)
