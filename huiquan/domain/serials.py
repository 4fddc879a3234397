"""Serials: the public names of vouchers, locks, redemptions and refunds.  编号

    V001-0003-000000042-K          campaign 1, lane 3, entry 42, check character
    L001-0003-000000042-02-J       the second lock of that voucher

A name leads to one lane without a look-up, and can be read aloud on the phone: digits, and a
check character by ISO 7064 (MOD 37,36) that catches every single wrong character and every pair
of neighbours exchanged. A name is no secret and no permission.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from stdnum.iso7064 import mod_37_36

# What the tables can hold: a name beyond these numbers belongs to nothing.
_SMALL_MAX = 2**15 - 1
_IDX_MAX = 2**63 - 1

_FORM = re.compile(r"([A-Z])([0-9]{3,5})-([0-9]{4})-([0-9]{9,19})((?:-[0-9]{2,5})*)-([0-9A-Z])")


class Name(NamedTuple):
    """What a name says: campaign, lane, the voucher's entry in the lane, and attempt numbers."""

    campaign_id: int
    lane: int
    idx: int
    attempts: tuple[int, ...] = ()


@lru_cache(maxsize=1024)
def write_name(letter: str, name: Name) -> str:
    """Write a name under the letter of its kind, with its check character."""
    numbers = [f"{name.campaign_id:03}", f"{name.lane:04}", f"{name.idx:09}"]
    body = letter + "-".join([*numbers, *(f"{attempt:02}" for attempt in name.attempts)])
    return f"{body}-{mod_37_36.calc_check_digit(body.replace('-', ''))}"


def read_name(letter: str, attempts: int, text: str) -> Name | None:
    """Read a name of one kind, with this many attempt numbers; None if it is none.

    Small letters are read. A name that was written in another way than `write_name` is none, and
    so is one whose numbers no table could hold.
    """
    found = _FORM.fullmatch(text.strip().upper())
    if found is None:
        return None
    tail = tuple(int(part) for part in found[5].split("-")[1:])
    name = Name(int(found[2]), int(found[3]), int(found[4]), tail)
    if len(tail) != attempts or write_name(letter, name) != found[0] or not _is_possible(name):
        return None
    return name


def _is_possible(name: Name) -> bool:
    small = (name.campaign_id, *name.attempts)
    return name.idx <= _IDX_MAX and all(number <= _SMALL_MAX for number in small)
