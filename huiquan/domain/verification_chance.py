"""Whether a day looks like chance: counts near expectation, no long rows of winners.  概率检验

The draw itself was computed again, so these two checks look at what is left: whether the people
who entered were chosen by someone who could tell the outcome. All in whole numbers, no rounding.

An honest day fails the check of counts less often than once in a million days, and that of rows
less often than once in a million.

Counts are the wins of a tier, of a lane, of an hour, against the published chances; with m of them
each may fail once in m million days. Bernstein's inequality bounds how far independent tickets
stray: with the expectation mu and the variance v, a sum lies t or more away on one side at most
with probability exp(-t^2 / (2 (v + t/3))), however many there are and whatever their chances. So a
count is named when

    t^2 >= 2 c (v + t/3)        with c = bits(2 m 1,000,000) ln 2, not below ln(2 m 1,000,000)

A row of r neighbours in a lane that all drew a tier is named when chance makes one so long less
often than once in a million days: n entries of the day, chance p each, n * p^r < 1/1,000,000, with
the p of the most generous pack. Entry numbers stand in for registration numbers, which are not
published.
"""

from collections.abc import Iterator, Sequence

from huiquan.domain.lottery import CERTAINTY, Tables
from huiquan.domain.verdicts import Finding, Wrong
from huiquan.domain.verification_lane import LaneTally

ONCE_IN = 1_000_000
"""An honest day fails each of the two checks at most once in so many days."""

# ln 2 = 0.6931471…, rounded up.
_LN2 = (6_931_472, 10_000_000)

_Groups = list[tuple[int, int]]
"""Entries with the same chance: (how many, width of the chance in 2^64)."""


def check_counts(tallies: Sequence[LaneTally], tables: Tables) -> Finding | None:
    """Wins by tier, by lane and by hour lie near what the published chances give."""
    counts = list(_counts(tallies, tables))
    for where, hits, groups in counts:
        if is_unlikely(hits, groups, len(counts)):
            return Finding(wrong=Wrong.UNLIKELY_COUNT, where=where)
    return None


def check_runs(tallies: Sequence[LaneTally], tables: Tables) -> Finding | None:
    """No lane has a row of neighbouring winners that chance does not make."""
    width = max((table[-1][0] for table in tables.values() if table), default=0)
    entered = sum(tally.entered.total() for tally in tallies)
    for tally in tallies:
        run = tally.longest_run
        if run and entered * width**run * ONCE_IN < CERTAINTY**run:
            where = f"lane {tally.lane}: {run} in a row"
            return Finding(wrong=Wrong.UNLIKELY_RUN, where=where)
    return None


def _counts(tallies: Sequence[LaneTally], tables: Tables) -> Iterator[tuple[str, int, _Groups]]:
    """Every count that is judged: its name, the wins, and the entries by their chance."""
    for pack, table in tables.items():
        below = 0
        entered = sum(_entered(tally, pack=pack) for tally in tallies)
        for bound, tier in table:
            hits = sum(_drawn(tally, tier=tier) for tally in tallies)
            yield f"tier {tier}", hits, [(entered, bound - below)]
            below = bound
    widths = {pack: table[-1][0] if table else 0 for pack, table in tables.items()}
    for tally in tallies:
        groups = [(_entered(tally, pack=pack), width) for pack, width in widths.items()]
        yield f"lane {tally.lane}", tally.drawn.total(), groups
    for slot in range(24):
        hits = sum(_drawn(tally, slot=slot) for tally in tallies)
        groups = [
            (sum(_entered(tally, pack=pack, slot=slot) for tally in tallies), width)
            for pack, width in widths.items()
        ]
        yield f"hour {slot}", hits, groups


def is_unlikely(hits: int, groups: _Groups, counts: int) -> bool:
    """True if one of so many counts lies further from its expectation than a day may by chance.

    All of it times CERTAINTY, so that no rounding is in it.
    """
    wins = sum(entered * width for entered, width in groups)
    variance = sum(entered * width * (CERTAINTY - width) for entered, width in groups)
    off = abs(hits * CERTAINTY - wins)
    bits = (2 * counts * ONCE_IN).bit_length()
    over, under = _LN2
    # 3 t^2 >= 2 c (3 v + t), for whole numbers.
    return off > 0 and 3 * off**2 * under >= 2 * bits * over * (3 * variance + off * CERTAINTY)


def _entered(tally: LaneTally, *, pack: int, slot: int | None = None) -> int:
    """Entries of a pack in a lane, in one hour or all day."""
    if slot is not None:
        return tally.entered[slot, pack]
    return sum(count for (_, chosen), count in tally.entered.items() if chosen == pack)


def _drawn(tally: LaneTally, *, tier: int | None = None, slot: int | None = None) -> int:
    """Drawn tickets of a tier or of an hour in a lane."""
    return sum(
        count
        for (hour, drawn), count in tally.drawn.items()
        if drawn == (tier or drawn) and hour == (hour if slot is None else slot)
    )
