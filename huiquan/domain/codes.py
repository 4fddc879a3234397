"""Codes: the one-time code that a customer shows at the till.  一次性券码

    live --a till takes it--> used          live --30 seconds pass, or a newer code--> expired

Twelve digits, good once, for one voucher. The lane can be read from the digits, so the till finds
the right part of the house without asking all of it. Only a keyed hash of the code is kept.
"""

import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from huiquan.domain.refusals import Refusal

DIGITS = 12
LANES = 1024
VALID_S = 30

_PREFIX = "HQ1:"
_FORM = re.compile(r"[0-9]{12}")
_PER_LANE = 10**DIGITS // LANES  # 976,562,500 codes in each lane, without remainder


@dataclass(frozen=True, kw_only=True)
class OneTimeCode:
    """What is remembered of a code that was given out. used_at is None while it is live.

    is_voided: a newer code of the same voucher has taken its place.
    """

    serial: str
    expires_at: datetime
    used_at: datetime | None = None
    is_voided: bool = False


def code_from_random(random_bytes: bytes, lane: int) -> str:
    """Make a code of a lane from at least 16 random bytes; its number modulo 1,024 is the lane."""
    assert len(random_bytes) >= 16
    assert 0 <= lane < LANES
    turn = int.from_bytes(random_bytes) % _PER_LANE
    return f"{turn * LANES + lane:0{DIGITS}}"


def lane_of(code: str) -> int:
    """The lane that a code belongs to."""
    return int(code) % LANES


def format_code(code: str) -> str:
    """As people read it aloud: 4821 7730 1954."""
    return " ".join(code[at : at + 4] for at in range(0, DIGITS, 4))


def qr_text(code: str) -> str:
    """As a QR code carries it: HQ1:482177301954."""
    return _PREFIX + code


def parse_code(text: str) -> str | Refusal:
    """Read a code as a cashier types it or a scanner gives it. Refuses CODE_UNKNOWN.

    Spaces, dashes, full-width digits and the HQ1: of the QR code are all read.
    """
    wide = unicodedata.normalize("NFKC", text[:64]).upper().strip().removeprefix(_PREFIX)
    digits = re.sub(r"[\s-]", "", wide)
    return digits if _FORM.fullmatch(digits) else Refusal.CODE_UNKNOWN


def code_hash(key: bytes, code: str) -> bytes:
    """The keyed hash under which a code is kept, 32 bytes. Twelve digits alone could be tried."""
    return hmac.digest(key, b"code\0" + code.encode(), "sha256")


def decide_code(code: OneTimeCode | None, now: datetime) -> OneTimeCode | Refusal:
    """Say whether a till may take this code. Refuses CODE_UNKNOWN, CODE_USED, CODE_EXPIRED.

    A used code says so even after its time: the cashier learns that it was scanned before.
    """
    if code is None:
        return Refusal.CODE_UNKNOWN
    if code.used_at is not None:
        return Refusal.CODE_USED
    return Refusal.CODE_EXPIRED if code.is_voided or now >= code.expires_at else code
