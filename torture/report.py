"""What came of a run, for people.  报告"""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from torture.run import Verdict

SHOWN = 40


def show(console: Console, verdict: Verdict) -> None:
    """Faults that fired, what people got, and every promise that did not hold."""
    console.print(_faults(verdict))
    for title, counts in (
        ("killed 杀死", verdict.killed),
        ("lies of outsiders and lost messages 谎言与丢失", verdict.lies),
        ("acknowledged 已告知", verdict.told),
        ("not served 未办成", verdict.gave_up),
        ("started again 重启", verdict.restarts),
    ):
        console.print(f"[bold]{title}[/bold]: {_line(counts)}")
    console.print(
        f"proven at the doors: {_line(verdict.proven)}; huiquan check: {verdict.checks or '–'}"
    )
    for one in verdict.not_arranged:
        console.print(f"[yellow]{one}[/yellow]")
    fired = sum(verdict.fired.values())
    console.print(
        f"seed {verdict.seed}: {verdict.minutes:g} minutes under fire ({verdict.fire_s:.0f} s by "
        f"the wall, {verdict.seconds:.0f} s in all), {fired} of {verdict.planned} planned faults "
        f"fired, {sum(verdict.killed.values())} kills, {len(verdict.violations)} violations"
    )
    for violation in verdict.violations[:SHOWN]:
        console.print(f"✗ {violation}", style="red", markup=False)


def _faults(verdict: Verdict) -> Table:
    table = Table(title="faults 故障", title_justify="left")
    table.add_column("kind and target")
    table.add_column("fired 生效", justify="right")
    table.add_column("met nothing 落空", justify="right")
    for name in sorted(verdict.fired.keys() | verdict.missed.keys()):
        table.add_row(name, str(verdict.fired.get(name, 0)), str(verdict.missed.get(name, 0)))
    return table


def _line(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "–"
