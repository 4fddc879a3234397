"""Money: whole fen inside the house, yuan only where people read and write it.  金额

Nothing is ever lost by rounding: what a division leaves over is given to someone by a rule.
"""

import re
from collections.abc import Sequence

from huiquan.domain.refusals import Refusal

FEN_PER_YUAN = 100

_YUAN = re.compile(r"([0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.([0-9]{1,2}))?")


def split_fen(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Share out total_fen by weight, to the last fen.

    Each share is first rounded down; the fen left over go one each to the shares that lost most
    by the rounding, earliest first, so the same input always splits the same way.
    A weight of zero gets nothing. Some weight must be above zero.
    """
    assert total_fen >= 0
    assert min(weights, default=0) >= 0, "a share cannot be negative"
    whole = sum(weights)
    assert whole > 0, "somebody must get the money"
    shares = [total_fen * weight // whole for weight in weights]
    lost = [total_fen * weight % whole for weight in weights]
    by_loss = sorted(range(len(weights)), key=lambda place: -lost[place])
    for place in by_loss[: total_fen - sum(shares)]:
        shares[place] += 1
    return shares


def round_half_up(numerator: int, denominator: int) -> int:
    """The whole number nearest to numerator : denominator; exactly half goes up.

    This is how the payment companies round a refund (6.305 yuan becomes 6.31).
    Neither number is negative.
    """
    assert numerator >= 0
    assert denominator > 0
    return (2 * numerator + denominator) // (2 * denominator)


def yuan(fen: int) -> str:
    """The amount as people read it: 123450 fen is "1,234.50"."""
    whole, rest = divmod(abs(fen), FEN_PER_YUAN)
    sign = "-" if fen < 0 else ""
    return f"{sign}{whole:,}.{rest:02}"


def parse_yuan(text: str) -> int | Refusal:
    """Read an amount as people write it, in yuan with up to two decimals, and give fen.

    "1234.5", "1,234.50" and "1234" are read. Refuses BAD_AMOUNT: signs, currency marks, commas
    in the wrong place, a third decimal, more than 12 digits of yuan.
    """
    found = _YUAN.fullmatch(text.strip())
    if found is None:
        return Refusal.BAD_AMOUNT
    whole, decimals = found.groups(default="")
    return int(whole.replace(",", "")) * FEN_PER_YUAN + int(decimals.ljust(2, "0"))
