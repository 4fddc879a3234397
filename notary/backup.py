"""The backup of a signer's key: two halves; one alone says nothing of the key.  密钥备份

The first half is random, the second the key exclusive-or the first. Both are needed, each holder
can be sure that the other one alone cannot sign, and paper is enough to keep them.
"""

import hashlib
import secrets
from pathlib import Path

from notary.keys import SEED_FILE, load_key, write_once

_NAME = "key-half-{number}.txt"
_SUM_DIGITS = 8


class BadHalfError(RuntimeError):
    """A half cannot be read, was typed wrongly, or belongs to another key."""


def write_halves(home: Path, out: Path) -> tuple[Path, Path]:
    """Write both halves of the home's key; halves of an unfinished ceremony are replaced."""
    key = load_key(home)
    first = secrets.token_bytes(32)
    second = _xor(key.seed, first)
    paths = []
    for number, half in ((1, first), (2, second)):
        path = out / _NAME.format(number=number)
        path.unlink(missing_ok=True)
        write_once(path, f"{key.public.hex()} {number} {half.hex()} {_sum(half)}")
        paths.append(path)
    return paths[0], paths[1]


def join_halves(one: Path, other: Path) -> bytes:
    """The seed behind two halves. Refuses (BadHalfError) what does not belong together."""
    (key, number, half), (other_key, other_number, other_half) = _read(one), _read(other)
    if key != other_key or {number, other_number} != {"1", "2"}:
        raise BadHalfError("两份备份不是一对 · these are not the two halves of one key")
    return _xor(half, other_half)


def restore_key(home: Path, one: Path, other: Path) -> str:
    """Put the key of two halves into a home that has none; gives the public key in hex.

    A restored key is no restored book: before it signs it must learn what it signed.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    seed = join_halves(one, other)
    write_once(home / SEED_FILE, seed.hex())
    public = load_key(home).public.hex()
    if public != _read(one)[0]:
        (home / SEED_FILE).unlink()
        raise BadHalfError("合成的不是这把密钥 · the halves make another key")
    return public


def _read(path: Path) -> tuple[str, str, bytes]:
    """Public key, number and bytes of a half."""
    try:
        key, number, half, total = path.read_text().split()
        raw = bytes.fromhex(half)
    except ValueError as error:
        raise BadHalfError(f"{path.name}: 读不出 · cannot be read") from error
    if len(raw) != 32 or _sum(raw) != total:
        raise BadHalfError(f"{path.name}: 抄写有误 · a digit is wrong")
    return key, number, raw


def _sum(half: bytes) -> str:
    """A few digits that notice a mistake in typing."""
    return hashlib.sha256(half).hexdigest()[:_SUM_DIGITS]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
