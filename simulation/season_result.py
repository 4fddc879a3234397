"""What came of a season, for people and for programs.  模拟结果"""

from collections.abc import Mapping, Sequence
from typing import Self

import msgspec
from rich.console import Console
from rich.table import Table

from huiquan.domain.money import yuan

COUNTED = (
    "registered",
    "entries",
    "rounds",
    "wins",
    "won_fen",
    "cut",
    "redemptions",
    "redeemed_fen",
    "order_fen",
    "online_orders",
    "orders_final",
    "orders_held",
    "held_fen",
    "refunds",
    "refunded_fen",
    "settled_fen",
    "paid_fen",
    "unlocked",
    "left",
)


class SeasonResult(msgspec.Struct, frozen=True, kw_only=True):
    """Counts as the crowd saw them, what was refused by code, and how the season was judged.

    cut is how many drew a win for which the lane had no voucher left; held_fen is what is held back
    of online orders for want of evidence, by the platform's own book. verdicts says "ok" for each
    draw day, or the first thing that is wrong with its export.
    """

    counts: dict[str, int]
    refused: dict[str, int]
    checks: int
    failed: list[str]
    verdicts: dict[str, str]
    wall_s: float

    @classmethod
    def of(
        cls,
        *,
        tally: Mapping[str, int],
        refused: Mapping[str, int],
        checks: int,
        failed: Sequence[str],
        verdicts: Mapping[str, str],
        wall_s: float,
    ) -> Self:
        """Put in order what was counted."""
        return cls(
            counts={name: tally.get(name, 0) for name in COUNTED},
            refused={code: refused[code] for code in sorted(refused) if refused[code]},
            checks=checks,
            failed=list(failed),
            verdicts=dict(verdicts),
            wall_s=wall_s,
        )

    @property
    def is_well(self) -> bool:
        """True if every promise held and every day was found right by the outside verifier."""
        return not self.failed and set(self.verdicts.values()) == {"ok"}


def show(result: SeasonResult, console: Console) -> None:
    """Print the result as a table."""
    table = Table(title="simulated season 模拟季", show_header=False)
    for name, count in result.counts.items():
        in_yuan = name.endswith("_fen")
        table.add_row(
            f"{name.removesuffix('_fen')}, yuan" if in_yuan else name,
            yuan(count) if in_yuan else f"{count:,}",
        )
    for code, count in result.refused.items():
        table.add_row(f"refused: {code}", f"{count:,}")
    table.add_row("checks failed", f"{len(result.failed)} of {result.checks}")
    for title in result.failed:
        table.add_row("  failed", title)
    for day, verdict in result.verdicts.items():
        table.add_row(f"verified {day}", verdict)
    table.add_row("wall time, s", f"{result.wall_s}")
    console.print(table)
