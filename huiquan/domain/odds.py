"""Odds: how likely a win is, as exact fractions, and how a day's stock meets its hours.  中签率

The odds are published before the day begins and stay the same all day, so 10:00 is as good as
any other minute. No floating-point number is used: everyone who works it out gets the same bits.
"""

from collections.abc import Sequence
from fractions import Fraction

HIGHEST_BOUND = 2**64 - 1


def odds(count: int, entries: int, *, entry_margin_percent: int, p_max_percent: int) -> Fraction:
    """p = min(p_max, units / (margin * forecast entries)), exactly.

    The margin (110 for a tenth more) lets more people come than forecast before a winner's
    voucher could be out of stock.
    """
    p_max = Fraction(p_max_percent, 100)
    return min(p_max, Fraction(count * 100, entry_margin_percent * entries))


def share_of_stock(count: int, stock: int) -> Fraction:
    """A tier's share of its pack's units in list mode; 0 if the pack has none."""
    return Fraction(count, stock) if stock else Fraction(0)


def bounds(chances: Sequence[tuple[int, Fraction]]) -> tuple[tuple[int, int], ...]:
    """The draw's table of one pack: rising bounds floor(2^64 * sum of p), each with its tier.

    A number u wins the tier of the first bound above it. A tier without odds has no bound. A
    bound has to fit 64 bits, so certainty is 2^64 - 1: one number in 2^64 then wins nothing.
    A sum above 1 is a broken promise: the rulebook's checks do not let it happen.
    """
    table = []
    total = Fraction(0)
    for tier, p in chances:
        if p == 0:
            continue
        total += p
        assert total <= 1, "the odds of a pack pass 100 %"
        bound = (total.numerator << 64) // total.denominator
        table.append((min(bound, HIGHEST_BOUND), tier))
    return tuple(table)


def hourly_units(count: int, opens_at: str, arrivals_percent: Sequence[int]) -> dict[int, int]:
    """How many units of a tier are added to stock at the start of each hour slot.

    Stock follows the forecast arrivals, rounded up to whole vouchers in the running total: by
    the end of each hour at least its share of the day has been added, and by the last hour
    exactly the day's units. Without arrivals (a list is drawn at once) all are there from slot 0.
    Slots that add nothing are left out.
    """
    if not arrivals_percent:
        return {0: count} if count else {}
    slots = {}
    added = share = 0
    for slot, percent in enumerate(arrivals_percent, start=int(opens_at[:2])):
        share += percent
        due = -(-count * share // 100)  # rounded up
        if due > added:
            slots[slot] = due - added
        added = due
    return slots
