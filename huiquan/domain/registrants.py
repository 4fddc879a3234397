"""Registrants: where a registered person stands, and the number they quote.  报名人与报名号

The number is sixty random bits and a check character, without letters that look like digits:
readable on the phone, and nobody finds another person's by counting on.
"""

from dataclasses import dataclass

from stdnum.iso7064 import mod_37_36

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 12


@dataclass(frozen=True, kw_only=True)
class Registrant:
    """Where a registered person stands in the tables of a campaign."""

    lane: int
    pid: bytes


def sealing_context(campaign_id: int, registrant: Registrant) -> bytes:
    """What a person's locked-up fields are bound to: they open in their own row only."""
    return b"registration|%d|%d|" % (campaign_id, registrant.lane) + registrant.pid


def registration_no_from_random(random_bytes: bytes) -> str:
    """Make a number such as R7K3M-9QXT-2HJB-4 from at least 8 random bytes."""
    assert len(random_bytes) >= 8
    number = int.from_bytes(random_bytes[:8])
    drawn = "".join(_LETTERS[number >> 5 * place & 31] for place in range(_LENGTH))
    groups = [drawn[at : at + 4] for at in range(0, _LENGTH, 4)]
    return f"R{'-'.join(groups)}-{mod_37_36.calc_check_digit('R' + drawn)}"
