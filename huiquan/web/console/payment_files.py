"""Payment files at the console: draft, approve by two, send, take the bank's answers.  付款文件"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, get
from litestar.params import Parameter
from msgspec import Meta

from huiquan.actions.approve_payment_file import approve_payment_file
from huiquan.actions.draft_payment_file import draft_payment_file
from huiquan.actions.move_payment_file import BATCH_MAX, Move, move_payment_file
from huiquan.actions.take_bank_answers import take_bank_answers
from huiquan.domain.bank_answers import read_answers
from huiquan.domain.payment_files import Encoding
from huiquan.views import payment_files
from huiquan.views.campaigns import code_of_campaign
from huiquan.web.answers import accepted
from huiquan.web.callers import SECURITY, House, Staff
from huiquan.web.console.doors import deed, page
from huiquan.web.console.money import actor, payer
from huiquan.web.statement_slips import as_file
from huiquan.web.wire import CampaignNumber, Wire, alike, shanghai

Number = Annotated[int, Parameter(ge=1, le=2**53)]
PATH = "/api/v1/console/payment-files"
CSV = "text/csv"
# A bank answers thousands of lines in one file.
BODY_MAX_BYTES = 2_000_000


class ShownFile(Wire):
    """A payment file, in fen; approvers in the order in which they approved.

    changed_count: of a file not yet sent, payees whose account is not the one last paid on.
    """

    file_id: int
    batch: str
    campaign_id: int
    day: int
    state: str
    line_count: int
    amount_fen: int
    paid_count: int
    paid_fen: int
    bounced_count: int
    bounced_fen: int
    sha256: str
    drafted_by: str
    drafted_at: datetime
    approvers: list[str]
    approver_ids: list[int]
    bank_batch: str | None
    changed_count: int


class ShownPayment(Wire):
    """One payment of a file."""

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


class ShownAccountChange(Wire):
    """A payee that is paid on another account than the last time; previous_end None: never yet."""

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


class ShownContradiction(Wire):
    """Something the bank said that contradicts what is booked; its merchant is held."""

    ref: str
    outcome: str
    amount_fen: int
    bank_ref: str
    reason: str
    verdict: str
    taken_at: datetime


class FilePage(Wire):
    """Payment files, the newest first."""

    items: list[ShownFile]


class FileStory(Wire):
    """One file, its payments, which accounts changed, and what the bank contradicts."""

    file: ShownFile
    payments: list[ShownPayment]
    changes: list[ShownAccountChange]
    contradictions: list[ShownContradiction]


class DraftAsked(Wire):
    """Put what is settled and unpaid into a file."""

    campaign: CampaignNumber


class MoveAsked(Wire):
    """What was done with a file; bank_batch is the bank's number of a file it accepted."""

    move: Literal["send", "accept", "withdraw"]
    bank_batch: Annotated[str, Meta(max_length=BATCH_MAX)] = ""


class AnswersAsked(Wire):
    """The bank's answer file, as text."""

    csv: Annotated[str, Meta(min_length=1, max_length=500_000)]


class Taken(Wire):
    """What came of the bank's answers, in fen."""

    paid_count: int
    paid_fen: int
    bounced_count: int
    bounced_fen: int
    repeated_count: int
    contradiction_count: int


@page(PATH, operation_id="listPaymentFiles", summary="Payment files")
async def list_files(
    house: House, official: Staff, campaign: Annotated[int, Parameter(ge=1, le=32_767)]
) -> FilePage:
    """Every payment file of a campaign, with who approved it."""
    payer(official)
    found = accepted(await payment_files.files_numbered(house, campaign))
    return FilePage(items=[_file(one) for one in found])


@deed(PATH, operation_id="draftPaymentFile", summary="Draft a payment file")
async def draft(data: DraftAsked, house: House, official: Staff) -> FileStory:
    """Everything settled and unpaid, but for merchants that are held or have no account."""
    payer(official)
    code = accepted(await code_of_campaign(house, data.campaign))
    row = accepted(await draft_payment_file(house, code, official.staff_id))
    return await _story(house, row.file_id)


@page(PATH + "/{file:int}", operation_id="getPaymentFile", summary="One payment file")
async def get_file(file: Number, house: House, official: Staff) -> FileStory:
    """A file with its payments, the accounts that changed since its payees were last paid, with
    who asked for them and who confirmed, and all that the bank said against itself."""
    payer(official)
    return await _story(house, file)


@deed(
    PATH + "/{file:int}/approvals",
    operation_id="approvePaymentFile",
    summary="Approve a payment file",
)
async def approve(file: Number, house: House, official: Staff) -> FileStory:
    """One person's approval; two different people are needed, one of the department (I34)."""
    payer(official)
    accepted(await approve_payment_file(house, file, official.staff_id))
    return await _story(house, file)


@deed(
    PATH + "/{file:int}/moves",
    operation_id="movePaymentFile",
    summary="Send, accept or withdraw a payment file",
)
async def move(file: Number, data: MoveAsked, house: House, official: Staff) -> FileStory:
    """Note that a file went to the bank, was taken in there, or is taken back."""
    payer(official)
    done = await move_payment_file(house, file, Move(data.move), official.staff_id, data.bank_batch)
    accepted(done)
    return await _story(house, file)


@get(
    PATH + "/{file:int}/bank-file",
    operation_id="getBankFile",
    summary="The file as the bank gets it",
    tags=["console"],
    security=SECURITY,
    media_type=CSV,
)
async def get_bank_file(
    file: Number, house: House, official: Staff, encoding: Encoding = Encoding.GBK
) -> Response[bytes]:
    """The bytes for the bank, always the same ones; only of an approved file."""
    payer(official)
    raw = accepted(await payment_files.bank_bytes(house, file, encoding))
    return as_file(raw, CSV, f"payment-{file}.csv")


@deed(
    PATH + "/{file:int}/answers",
    operation_id="takeBankAnswers",
    request_max_body_size=BODY_MAX_BYTES,
    summary="Take the bank's answers",
)
async def take_answers(file: Number, data: AnswersAsked, house: House, official: Staff) -> Taken:
    """Book what the bank answered; the same file again changes nothing."""
    payer(official)
    said = accepted(read_answers(data.csv.encode()))
    taken = accepted(await take_bank_answers(house, file, said, actor(official)))
    return Taken(
        paid_count=taken.paid_count,
        paid_fen=taken.paid_fen,
        bounced_count=taken.bounced_count,
        bounced_fen=taken.bounced_fen,
        repeated_count=taken.repeated_count,
        contradiction_count=len(taken.contradictions),
    )


async def _story(house: House, file_id: int) -> FileStory:
    found = accepted(await payment_files.file_story(house, file_id))
    return FileStory(
        file=_file(found.file),
        payments=[
            msgspec.convert(one, ShownPayment, from_attributes=True) for one in found.payments
        ],
        changes=[alike(ShownAccountChange, one) for one in found.changes],
        contradictions=[
            ShownContradiction(
                ref=one.ref,
                outcome=one.outcome,
                amount_fen=one.amount_fen,
                bank_ref=one.bank_ref,
                reason=one.reason,
                verdict=one.verdict,
                taken_at=shanghai(one.taken_at),
            )
            for one in found.contradictions
        ],
    )


def _file(one: payment_files.FileLine) -> ShownFile:
    fields = {name: getattr(one, name) for name in ShownFile.__struct_fields__}
    fields |= {
        "state": one.state.value,
        "drafted_at": shanghai(one.drafted_at),
        "approvers": list(one.approvers),
        "approver_ids": list(one.approver_ids),
    }
    return ShownFile(**fields)


ROUTES = (list_files, draft, get_file, approve, move, get_bank_file, take_answers)
