"""Proof of work: a search that a page does before a tap, when machines tap in masses.  工作量证明

The open protocol of ALTCHA, version 1. The house names a salt and SHA-256(salt ‖ number), but not
the number; the page tries numbers until one fits. The salt says for whom, for which day
and until when, an HMAC says that it is ours, so nothing has to be remembered. It costs a person a
second and a mass of machines a mass of seconds; it decides nothing else.
"""

import hashlib
import hmac
from base64 import b64decode
from datetime import datetime

import msgspec

ALGORITHM = "SHA-256"
_EXPIRES = "?expires="
# Salt and number are hashed as one text: without an end, digits of the number could be read as
# digits of the time, and a proof would be good for ever.
_END = "&"


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the page is given: find the number up to maxnumber that has this fingerprint."""

    algorithm: str = ALGORITHM
    challenge: str
    maxnumber: int
    salt: str
    signature: str


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What the page gives back: the task's words with the number it found."""

    algorithm: str
    challenge: str
    number: int
    salt: str
    signature: str


_read = msgspec.json.Decoder(Proof).decode


def set_task(
    key: bytes, *, pid: bytes, day: int, until: datetime, most: int, randomness: bytes
) -> Task:
    """A task for one person and day; `most` is the largest number that has to be tried."""
    number = int.from_bytes(hashlib.sha256(key + randomness).digest()[:8], "big") % (most + 1)
    salt = f"{_naming(pid, day)}.{randomness.hex()}{_EXPIRES}{int(until.timestamp())}{_END}"
    challenge = _fingerprint(salt, number)
    return Task(
        challenge=challenge, maxnumber=most, salt=salt, signature=_signature(key, challenge)
    )


def is_done(key: bytes, text: str, *, pid: bytes, day: int, now: datetime) -> bool:
    """True if this is the solved task of this person and day, in the base64 that pages send."""
    try:
        proof = _read(b64decode(text, validate=True))
        expires = int(proof.salt.rpartition(_EXPIRES)[2].removesuffix(_END))
    except (ValueError, msgspec.MsgspecError):
        return False
    return (
        proof.algorithm == ALGORITHM
        and proof.salt.startswith(_naming(pid, day) + ".")
        and proof.salt.endswith(_END)
        and now.timestamp() < expires
        and proof.challenge == _fingerprint(proof.salt, proof.number)
        and hmac.compare_digest(proof.signature.encode(), _signature(key, proof.challenge).encode())
    )


def _naming(pid: bytes, day: int) -> str:
    return f"{day}.{pid.hex()}"


def _fingerprint(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()


def _signature(key: bytes, challenge: str) -> str:
    return hmac.digest(key, challenge.encode(), "sha256").hex()
