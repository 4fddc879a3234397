"""Passwords and PINs: kept so that even we cannot read them.  口令

Argon2id, with the second set of parameters that OWASP recommends (19 MiB, two passes): about 30 ms
on one core, in a thread, so that nobody else waits. Whoever does not exist is checked against a
stand-in, so that it takes the same time.
"""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# The hash of a secret that nobody was told.
_STAND_IN = (
    "$argon2id$v=19$m=19456,t=2,p=1$SURSDXGLW31kRXD6AmnHzw$"
    "zLTltwQJKTkzbwrDVCkTIO0USoeZH4kmWfIxMHt8PBU"
)


async def hash_secret(secret: str) -> str:
    """The text that is kept of a password or a PIN."""
    return await asyncio.to_thread(_HASHER.hash, secret)


async def is_secret(kept: str | None, typed: str) -> bool:
    """True if what was typed is the secret; None for whoever does not exist takes as long."""
    return await asyncio.to_thread(_is_secret, kept, typed)


def _is_secret(kept: str | None, typed: str) -> bool:
    try:
        return _HASHER.verify(kept or _STAND_IN, typed) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False
