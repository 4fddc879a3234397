"""Move a payment file on: it goes to the bank, the bank takes it, or it is withdrawn.  送银行"""

from enum import StrEnum

from huiquan.app import App
from huiquan.db import approvals, audit, payment_files
from huiquan.domain.approvals import MONEY_ROLES
from huiquan.domain.payment_files import FileState
from huiquan.domain.refusals import Refusal

BATCH_MAX = 64


class Move(StrEnum):
    """What somebody does with a file."""

    SEND = "send"  # 送银行
    ACCEPT = "accept"  # 银行受理
    WITHDRAW = "withdraw"  # 撤回


_FROM = {
    Move.SEND: {FileState.APPROVED},
    Move.ACCEPT: {FileState.SENT},
    Move.WITHDRAW: {FileState.DRAFTED, FileState.APPROVED},
}
_TO = {
    Move.SEND: FileState.SENT,
    Move.ACCEPT: FileState.ACCEPTED,
    Move.WITHDRAW: FileState.WITHDRAWN,
}
_REFUSED = {
    Move.SEND: Refusal.FILE_NOT_APPROVED,
    Move.ACCEPT: Refusal.FILE_NOT_SENT,
    Move.WITHDRAW: Refusal.FILE_ALREADY_SENT,
}


async def move_payment_file(
    app: App, file_id: int, move: Move, staff_id: int, bank_batch: str = ""
) -> FileState | Refusal:
    """Note what happened to a file; what was noted before changes nothing.

    A file that was withdrawn gives its settlements back. bank_batch is the bank's own number of a
    file it accepted. Refuses UNKNOWN_FILE, FORBIDDEN, MALFORMED (an unprintable or long number),
    FILE_NOT_APPROVED (sent before two people approved), FILE_NOT_SENT, FILE_ALREADY_SENT. (I34)
    """
    if len(bank_batch) > BATCH_MAX or not bank_batch.isprintable():
        return Refusal.MALFORMED
    async with app.db.transaction() as tx:
        row = await payment_files.hold(tx, file_id)
        if row is None:
            return Refusal.UNKNOWN_FILE
        if await approvals.role_of(tx, staff_id) not in MONEY_ROLES:
            return Refusal.FORBIDDEN
        to = _TO[move]
        if row.state is to or (move is not Move.WITHDRAW and to in _passed(row.state)):
            return row.state
        if row.state not in _FROM[move]:
            return _REFUSED[move]
        now = app.clock()
        await payment_files.move(tx, row, to, now)
        if move is Move.WITHDRAW:
            await payment_files.withdraw_lines(tx, file_id)
        if move is Move.ACCEPT:
            await payment_files.name_batch(tx, file_id, bank_batch)
        await audit.note(
            tx,
            at=now,
            actor=f"staff:{staff_id}",
            tag=f"payment_file:{to.value}",
            subject=f"payment_file:{file_id}",
            detail={"bank_batch": bank_batch} if bank_batch else {},
        )
        return to


def _passed(state: FileState) -> set[FileState]:
    """The states behind a file on its way through the bank."""
    way = (FileState.APPROVED, FileState.SENT, FileState.ACCEPTED, FileState.DONE)
    return set(way[: way.index(state)]) if state in way else set()
