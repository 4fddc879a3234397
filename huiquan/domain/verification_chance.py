"""Whether a day looks like chance: counts near expectation, no long rows of winners.  概率检验

The draw itself was computed again, so these two checks look at what is left: whether the people
who entered were chosen by someone who could tell the outcome. All in whole numbers, no rounding.

A count passes while |z| < 4: wins of a tier, of a lane, of an hour, against the published chances.
It is judged when at least 10 wins and 10 misses are expected, with half a win of allowance, for
the normal curve says little about smaller counts. By chance alone about one count in ten thousand
fails.

A row of r neighbours in a lane that all drew a tier passes unless chance makes one so long less
often than once in a million days: n entries, chance p each, n * p^r < 1/1,000,000, with the p of
the most generous pack. Entry numbers stand in for registration numbers, which are not published.
"""

from collections.abc import Iterator, Sequence

from huiquan.domain.lottery import CERTAINTY, Tables
from huiquan.domain.verdicts import Finding, Wrong
from huiquan.domain.verification_lane import LaneTally

_Z = 4
_ENOUGH = 10
_ONCE_IN = 1_000_000

_Groups = list[tuple[int, int]]
"""Entries with the same chance: (how many, width of the chance in 2^64)."""


def check_counts(tallies: Sequence[LaneTally], tables: Tables) -> Finding | None:
    """Wins by tier, by lane and by hour lie near what the published chances give."""
    for where, hits, groups in _counts(tallies, tables):
        if _is_unlikely(hits, groups):
            return Finding(wrong=Wrong.UNLIKELY_COUNT, where=where)
    return None


def check_runs(tallies: Sequence[LaneTally], tables: Tables) -> Finding | None:
    """No lane has a row of neighbouring winners that chance does not make."""
    width = max((table[-1][0] for table in tables.values() if table), default=0)
    for tally in tallies:
        run, entered = tally.longest_run, tally.entered.total()
        if run and entered * width**run * _ONCE_IN < CERTAINTY**run:
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


def _is_unlikely(hits: int, groups: _Groups) -> bool:
    """True if the wins lie four standard deviations or more from their expectation."""
    wins = sum(entered * width for entered, width in groups)
    misses = sum(entered * (CERTAINTY - width) for entered, width in groups)
    if min(wins, misses) < _ENOUGH * CERTAINTY:
        return False
    variance = sum(entered * width * (CERTAINTY - width) for entered, width in groups)
    twice_off = 2 * abs(hits * CERTAINTY - wins) - CERTAINTY
    return twice_off > 0 and twice_off**2 >= 4 * _Z**2 * variance


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
