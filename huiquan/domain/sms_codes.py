"""SMS codes: proof that a phone is in its owner's hand.  短信验证码

    sent --right digits--> used      sent --5 minutes, or 5 wrong tries, or a new one--> dead

Six digits, good for five minutes and five tries, at most one a minute to a phone. Only a keyed
hash is kept, bound to the phone.
"""

import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from huiquan.domain.refusals import Refusal

DIGITS = 6
TRIES = 5
VALID = timedelta(minutes=5)
WAIT = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class SmsCode:
    """The last code sent to a phone: its hash, when it went out, wrong tries, when it was used."""

    code_hash: bytes
    sent_at: datetime
    wrong_tries: int = 0
    used_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SmsSending:
    """A code may be sent now; it is good until expires_at, and the next may follow at next_at."""

    expires_at: datetime
    next_at: datetime


def sms_code_from_random(random_bytes: bytes) -> str:
    """Six digits from at least 8 random bytes; the bias is below one in 10^13."""
    assert len(random_bytes) >= 8
    return f"{int.from_bytes(random_bytes) % 10**DIGITS:0{DIGITS}}"


def sms_code_hash(key: bytes, phone: str, code: str) -> bytes:
    """The keyed hash of a code for one phone, 32 bytes. Typed spaces and full-width digits count
    as what they mean."""
    typed = "".join(unicodedata.normalize("NFKC", code).split())
    return hmac.digest(key, f"sms\0{phone}\0{typed}".encode(), "sha256")


def decide_sms_sending(last: SmsCode | None, now: datetime) -> SmsSending | Refusal:
    """Say whether a code may be sent to this phone now. Refuses SMS_TOO_SOON."""
    if last is not None and now < last.sent_at + WAIT:
        return Refusal.SMS_TOO_SOON
    return SmsSending(expires_at=now + VALID, next_at=now + WAIT)


def decide_sms_code(last: SmsCode | None, typed_hash: bytes, now: datetime) -> SmsCode | Refusal:
    """Say whether what was typed is the code that was sent.

    Refuses SMS_CODE_EXPIRED (over five minutes, used, or tried five times: ask for a new one) and
    SMS_CODE_WRONG. After SMS_CODE_WRONG the caller counts one more wrong try.
    """
    if last is None:
        return Refusal.SMS_CODE_WRONG
    is_dead = last.used_at is not None or last.wrong_tries >= TRIES
    if is_dead or now >= last.sent_at + VALID:
        return Refusal.SMS_CODE_EXPIRED
    return last if hmac.compare_digest(last.code_hash, typed_hash) else Refusal.SMS_CODE_WRONG
