"""What a bench of the till prints: medians over its runs.  收单压测结果"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from bench.load import percentile_ms


@dataclass(kw_only=True)
class Run:
    """What one measurement gave; times in milliseconds, CPU in microseconds for a redemption."""

    connections: int
    redeemed: int = 0
    seconds: float = 0.0
    constant: float = 0.0
    constant_p99_ms: float = 0.0
    lock_s: list[float] = field(default_factory=list)
    redeem_s: list[float] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    broken: int = 0
    cpu_us: dict[str, float] = field(default_factory=dict)
    client_cpu_us: float = 0.0
    wrong: tuple[str, ...] = ()

    @property
    def each_second(self) -> float:
        """Redemptions a second: each is a lock and a redeem."""
        return self.redeemed / self.seconds if self.seconds else 0.0


def show(console: Console, runs: Sequence[Run], facts: dict[str, str]) -> None:
    """The table, medians over the rounds."""
    for name, value in facts.items():
        console.print(f"[dim]{name}:[/dim] {value}")
    table = Table(title="Redemptions over the acquirer's door (lock + redeem, both committed)")
    for name in (
        *("lines", "redemptions/s (least–most)", "requests/s", "constant/s", "× constant"),
        *("lock p50", "lock p99", "redeem p50", "redeem p99 ms", "constant p99"),
        *("CPU µs web", "postgres", "client", "refused", "broken", "counted"),
    ):
        table.add_column(name, justify="right")
    for connections in dict.fromkeys(one.connections for one in runs):
        some = [one for one in runs if one.connections == connections]
        rates = [one.each_second for one in some]
        rate, same = statistics.median(rates), statistics.median(one.constant for one in some)

        def of(times: str, percent: int, some: list[Run] = some) -> str:
            found = [percentile_ms(getattr(one, times), percent) for one in some]
            return f"{statistics.median(found):.1f}"

        def cpu(part: str, some: list[Run] = some) -> str:
            return f"{statistics.median(one.cpu_us.get(part, 0.0) for one in some):,.0f}"

        wrong = [word for one in some for word in one.wrong]
        table.add_row(
            str(connections),
            f"{rate:,.0f} ({min(rates):,.0f}–{max(rates):,.0f})",
            f"{2 * rate:,.0f}",
            f"{same:,.0f}",
            f"{2 * rate / same:.2f}",
            of("lock_s", 50),
            of("lock_s", 99),
            of("redeem_s", 50),
            of("redeem_s", 99),
            f"{statistics.median(one.constant_p99_ms for one in some):.1f}",
            cpu("web"),
            cpu("postgres"),
            f"{statistics.median(one.client_cpu_us for one in some):,.0f}",
            str(sum(sum(one.refused.values()) for one in some)),
            str(sum(one.broken for one in some)),
            "[red]wrong[/]" if wrong else "right",
        )
        for word in wrong:
            console.print(f"[bold red]{word}[/]")
    console.print(table)
