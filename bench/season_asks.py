"""What a season is asked: the questions of the checks, and pages that add much up.  一季的提问"""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from rich.console import Console
from rich.table import Table

from bench.checking import Asked, put_checks
from huiquan.app import App
from huiquan.cli.books import open_books
from huiquan.db.checks import every_check
from huiquan.domain.days import day_number
from huiquan.domain.refusals import Refusal
from huiquan.settings import Settings
from huiquan.views.figures import figures
from huiquan.views.fund_live import live_fund
from huiquan.views.fund_money import matching_of
from huiquan.views.register import open_register
from huiquan.views.settlements import settlements_of

NEW = timedelta(minutes=20)
# There are no entries, rounds and registrations in a season: what these look for is not there.
OF_THE_DRAW = (
    *("h", "i01", "i02", "i03", "i04", "i05", "i06", "i07", "i08_released", "i09", "i10", "i11"),
    *("i13_win_counts", "i32", "i36", "i38_draws"),
)


class OfSeason(Protocol):
    """What has to be known of a season to ask about it."""

    @property
    def campaign_id(self) -> int:
        """The campaign's number."""

    @property
    def days(self) -> Sequence[date]:
        """Its draw days, the last of them today."""

    @property
    def now(self) -> datetime:
        """The moment at which it is asked."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How long something took, each time it was asked, in seconds; cpu_s of PostgreSQL alone.

    found: rows of a question that does not hold.
    """

    what: str
    took_s: tuple[float, ...]
    cpu_s: float | None = None
    found: int = 0

    @property
    def is_wrong(self) -> bool:
        """Whether the season's books do not hold."""
        return self.found > 0 and not self.what.startswith(OF_THE_DRAW)


async def ask_everything(
    settings: Settings,
    season: OfSeason,
    words: Sequence[str],
    times: int,
    say: Callable[[str], None],
) -> list[Answer]:
    """Ask what has one of the words in its name, everything without words; the slowest first."""
    answers: list[Answer] = []
    async with open_books(settings) as app:
        for what, ask in _pages(app, settings, season).items():
            if _is_wanted(what, words):
                say(what)
                answers.append(Answer(what=what, took_s=tuple([await ask() for _ in range(times)])))
    for check in every_check():
        if not _is_wanted(check.name, words):
            continue
        say(check.name)
        (whole,) = await put_checks(str(settings.database_url), season.now, [check])
        answers.append(_answer(check.name, whole))
        if check.is_of_new_things:
            since = season.now - NEW
            (new,) = await put_checks(str(settings.database_url), season.now, [check], since)
            answers.append(_answer(f"{check.name}, what is new", new))
    return sorted(answers, key=lambda one: -one.took_s[-1])


def _is_wanted(what: str, words: Sequence[str]) -> bool:
    return not words or any(word in what for word in words)


def _answer(what: str, one: Asked) -> Answer:
    return Answer(what=what, took_s=(one.took_s,), cpu_s=one.cpu_s, found=one.found)


def _pages(
    app: App, settings: Settings, season: OfSeason
) -> dict[str, Callable[[], Awaitable[float]]]:
    code, today = settings.campaign, season.days[-1]
    middle = season.days[len(season.days) // 2]

    def timed(ask: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[float]]:
        async def run() -> float:
            began = time.monotonic()
            told = await ask()
            assert not isinstance(told, Refusal), told
            return time.monotonic() - began

        return run

    def register(day: date) -> Callable[[], Awaitable[object]]:
        async def read() -> object:
            async with open_register(app, code, day_number(day)) as found:
                assert not isinstance(found, Refusal), found
                await found.accounts()
                return sum([1 async for _ in found.lines()])

        return read

    return {
        "page: the overview": timed(lambda: figures(app, season.campaign_id)),
        "page: the overview of a day before": timed(
            lambda: figures(app, season.campaign_id, day_number(middle))
        ),
        "page: live balances": timed(lambda: live_fund(app, code)),
        "page: matching money": timed(lambda: matching_of(app, code)),
        "page: settlements": timed(lambda: settlements_of(app, season.campaign_id)),
        "page: the register of today": timed(register(today)),
        "page: the register of a day before": timed(register(middle)),
    }


def show(console: Console, answers: Sequence[Answer]) -> None:
    """Print how long each took."""
    table = Table(title="Seconds, the slowest first", title_justify="left")
    for name in ("what", "seconds", "CPU of PostgreSQL", "found"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for one in answers:
        style = "bold red" if one.is_wrong else ""
        table.add_row(
            one.what,
            ", ".join(f"{took:.2f}" for took in one.took_s),
            "" if one.cpu_s is None else f"{one.cpu_s:.2f}",
            str(one.found or ""),
            style=style,
        )
    console.print(table)
