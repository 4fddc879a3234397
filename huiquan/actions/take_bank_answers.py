"""Take the bank's answers to a payment file: pay, bounce, or keep what contradicts.  银行回盘"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import audit, ledger, payment_files, settlement_holds, settlements
from huiquan.db.connection import Tx
from huiquan.db.payment_files import FileRow, LineRow
from huiquan.domain.bank_answers import (
    VERDICTS_ZH,
    Answer,
    Deed,
    LineState,
    Verdict,
    decide_answer,
)
from huiquan.domain.ledger import Transfer, book_of
from huiquan.domain.payment_files import FileState
from huiquan.domain.refusals import Refusal
from huiquan.domain.settlement import bounce_transfers, decide_payment

_SENT = {FileState.SENT, FileState.ACCEPTED, FileState.DONE}


@dataclass(frozen=True, kw_only=True)
class AnswersTaken:
    """What came of a bank's answers.

    Payments and bounces booked, answers heard before, and those that contradict what is booked.
    """

    paid_count: int
    paid_fen: int
    bounced_count: int
    bounced_fen: int
    repeated_count: int
    contradictions: tuple[tuple[Answer, Verdict], ...]


async def take_bank_answers(
    app: App,
    file_id: int,
    answers: Sequence[Answer],
    by: str,
    *,
    on_progress: Callable[[int, int], None] = lambda done, of: None,
) -> AnswersTaken | Refusal:
    """Book what the bank says became of a file's lines, each line in a transaction of its own.

    The same answers again change nothing. A contradiction moves no money: it is kept, and the
    merchant's settlements are held back until somebody lifts the hold. Refuses UNKNOWN_FILE, and
    NOT_SENT_TO_THE_BANK for a file that no bank can know. (R2.4, I28, I34)
    """
    done: list[tuple[Answer, Deed, Verdict]] = []
    for place, answer in enumerate(answers):
        on_progress(place, len(answers))
        taken = await _take(app, file_id, answer, by)
        if isinstance(taken, Refusal):
            return taken
        done.append((answer, *taken))
    on_progress(len(answers), len(answers))
    paid = [answer.amount_fen for answer, deed, _ in done if deed is Deed.PAY]
    bounced = [
        answer.amount_fen for answer, deed, _ in done if deed in (Deed.BOUNCE, Deed.PAY_BACK)
    ]
    contradictions = tuple(
        (answer, verdict) for answer, _, verdict in done if verdict is not Verdict.BOOKED
    )
    return AnswersTaken(
        paid_count=len(paid),
        paid_fen=sum(paid),
        bounced_count=len(bounced),
        bounced_fen=sum(bounced),
        repeated_count=len(done) - len(paid) - len(bounced) - len(contradictions),
        contradictions=contradictions,
    )


async def _take(app: App, file_id: int, answer: Answer, by: str) -> tuple[Deed, Verdict] | Refusal:
    async with app.db.transaction() as tx:
        file = await payment_files.hold(tx, file_id)
        if file is None:
            return Refusal.UNKNOWN_FILE
        if file.state not in _SENT:
            return Refusal.NOT_SENT_TO_THE_BANK
        line = await payment_files.hold_line(tx, file_id, answer)
        deed, verdict = decide_answer(line.fact if line else None, answer)
        now = app.clock()
        is_new = await payment_files.keep_answer(tx, file_id, answer, verdict, by, now)
        if line is not None:
            await settlements.hold_merchant(tx, file.campaign_id, line.merchant_id)
            if deed is not Deed.NOTHING:
                await _book(tx, file, line, deed, answer, now)
            elif is_new and verdict is not Verdict.BOOKED:
                await _hold_back(tx, line, answer, verdict, now)
        if is_new:
            await audit.note(
                tx,
                at=now,
                actor=by,
                tag="bank:answered",
                subject=answer.ref,
                detail={
                    "file_id": file_id,
                    "outcome": answer.outcome.value,
                    "amount_fen": answer.amount_fen,
                    "bank_ref": answer.bank_ref,
                    "verdict": verdict.value,
                },
            )
        if file.state is not FileState.DONE and not await payment_files.waiting_lines(tx, file_id):
            await payment_files.move(tx, file, FileState.DONE, now)
        return deed, verdict


async def _book(
    tx: Tx, file: FileRow, line: LineRow, deed: Deed, answer: Answer, now: datetime
) -> None:
    """Line, settlement and money, together."""
    row = await settlements.hold(tx, line.settlement_id)
    assert row is not None, "a line pays a settlement"
    transfers: Sequence[Transfer]
    if deed is Deed.PAY:
        paid = decide_payment(
            merchant_id=row.merchant_id,
            ref=row.ref,
            amount_fen=row.amount_fen,
            confirmed_fen=answer.amount_fen,
        )
        assert isinstance(paid, Transfer), "the line's amount is its settlement's"
        transfers = [paid]
        await payment_files.mark_line(tx, line, LineState.PAID, answer, now)
        await settlements.mark_paid(tx, line.settlement_id, answer.bank_ref, now)
    else:
        transfers = bounce_transfers(
            merchant_id=row.merchant_id,
            ref=row.ref,
            lines=await settlements.lane_amounts(tx, line.settlement_id),
            was_paid=deed is Deed.PAY_BACK,
        )
        await payment_files.mark_line(tx, line, LineState.BOUNCED, answer, now)
        await settlements.mark_bounced(tx, row, answer.reason, now)
    for transfer in transfers:
        await ledger.book(
            tx,
            campaign_id=file.campaign_id,
            lane=book_of(transfer),
            transfers=[transfer],
            at=now,
        )


async def _hold_back(
    tx: Tx, line: LineRow, answer: Answer, verdict: Verdict, now: datetime
) -> None:
    """Pay this merchant nothing more before a person has asked the bank."""
    await settlement_holds.place(
        tx,
        merchant_id=line.merchant_id,
        reason=f"银行回盘与账面不符：{answer.ref}，{VERDICTS_ZH[verdict]}",
        by="house",
        at=now,
    )
