"""The exclusion list: people who may not take part because they could know or decide.  排除名单

Staff of the platform, of the department, of notary and auditor. Each is known by the keyed hash of
the document (`person_key`), never by name. The list only grows. Its hash stands in every draw
config, so nobody can be struck off it afterwards to explain a win.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Exclusion:
    """One person who may not take part, and why: an office, not a name."""

    person_key: bytes
    reason: str


def exclusion_list(person_keys: Iterable[bytes]) -> bytes:
    """The list as it is kept and hashed: each key once, in hex, ascending, one in a line.

    The empty list has no bytes at all.
    """
    return b"".join(key.hex().encode() + b"\n" for key in sorted(set(person_keys)))


def exclusion_list_hash(kept: bytes) -> str:
    """What a draw config says of the list: SHA-256 of its bytes, in hex."""
    return hashlib.sha256(kept).hexdigest()
