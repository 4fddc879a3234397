"""A witness's own door: the C2SP tlog-witness call add-checkpoint, used unchanged.  见证接口

    old <size>
    <consistency proof in base64, a line each>

    <the checkpoint>

200 the signature lines · 400 not well formed · 403 no signature of the log · 404 unknown log ·
409 the size seen last · 422 the log does not continue what was seen · 503 stopped by a person.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from huiquan.domain import checkpoints
from huiquan.domain.checkpoints import BadNoteError
from notary.desk import Desk
from notary.refusals import No, Refused
from notary.witness import cosign_checkpoint

PROOF_LINES_MAX = 63
SIZE_TYPE = "text/x.tlog.size"
STATUS = {
    No.MALFORMED: 400,
    No.NOTE_UNSIGNED: 403,
    No.LOG_UNKNOWN: 404,
    No.NOT_MY_KEY: 404,
    No.OLD_SIZE: 409,
    No.LOG_FORKED: 422,
    No.STOPPED: 503,
}


@dataclass(frozen=True, kw_only=True)
class Plain:
    """An answer in plain text."""

    status: int
    text: str
    media_type: str = "text/plain; charset=utf-8"


def add_checkpoint(desk: Desk, body: bytes) -> Plain:
    """Cosign a checkpoint, or say why not in the status and the body the standard names."""
    asked = _parse(body)
    if isinstance(asked, Plain):
        return asked
    old_size, proof, note, size = asked
    given = cosign_checkpoint(desk, note, old_size, proof)
    if not isinstance(given, Refused):
        return Plain(status=200, text=given)
    # At one size there is no proof to check, so another root is a conflict there.
    if given.no is No.OLD_SIZE or (given.no is No.LOG_FORKED and old_size == size):
        return Plain(status=409, text=f"{given.detail['size']}\n", media_type=SIZE_TYPE)
    return Plain(status=STATUS[given.no], text=f"{given.no.en}\n")


def _parse(body: bytes) -> tuple[int, Sequence[bytes], str, int] | Plain:
    """Old size, proof, note and the checkpoint's size; 400 for anything else."""
    try:
        head, gap, note = body.decode().partition("\n\n")
        first, *lines = head.split("\n")
        digits = first.removeprefix("old ")
        old_size = int(digits) if digits.isascii() and digits.isdecimal() else 0
        if not gap or first != f"old {old_size}" or len(lines) > PROOF_LINES_MAX:
            raise BadNoteError("the body is an old size, a proof, an empty line and a checkpoint")
        proof = [base64.b64decode(line, validate=True) for line in lines]
        size = checkpoints.parse_checkpoint(checkpoints.parse_note(note).text).size
    except ValueError as error:
        return Plain(status=400, text=f"{No.MALFORMED.en}: {error}\n")
    if old_size > size:
        return Plain(status=400, text="the old size is above the checkpoint's\n")
    return old_size, proof, note, size
