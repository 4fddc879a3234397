"""Asking a witness to cosign a checkpoint: the C2SP tlog-witness call, used unchanged.  见证人

POST /add-checkpoint     old <size>, the consistency proof in base64, an empty line, the note
200 signature lines · 409 the size the witness saw last · 422 the log does not continue it
"""

import base64
from collections.abc import Sequence

import httpx

from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.http import Outsider

_SIZE_DIGITS_MAX = 19


class OldSizeFault(OutsiderFault):
    """The proof must start elsewhere: `size` is the size of the last checkpoint that was seen."""

    def __init__(self, name: str, size: int) -> None:
        super().__init__(name, f"saw a log of {size} last")
        self.size = size


class ForkFault(OutsiderFault):
    """The witness saw another history: this checkpoint does not continue it."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "saw another history of the log")


async def add_checkpoint(
    witness: Outsider, note: str, old_size: int, consistency: Sequence[bytes]
) -> str:
    """The witness's signature lines under a checkpoint.

    Raises OldSizeFault, ForkFault, and OutsiderFault when it is away or says anything else.
    """
    proof = "".join(base64.b64encode(one).decode() + "\n" for one in consistency)
    body = f"old {old_size}\n{proof}\n{note}"
    try:
        answer = await witness.client.post("/add-checkpoint", content=body.encode())
    except httpx.HTTPError as error:
        raise OutsiderFault(witness.name, "did not answer") from error
    if answer.status_code == 200:
        return answer.text
    if answer.status_code == 409:
        told = answer.text.strip()
        if not (told.isascii() and told.isdecimal() and len(told) <= _SIZE_DIGITS_MAX):
            raise OutsiderFault(witness.name, "unreadable")
        raise OldSizeFault(witness.name, int(told))
    if answer.status_code == 422:
        raise ForkFault(witness.name)
    raise OutsiderFault(witness.name, f"status {answer.status_code}")
