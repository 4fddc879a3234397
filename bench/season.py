"""python -m bench.season: a season of money, made up in SQL, and how long it takes to ask.  一季

a house, prepared -> its days are won, redeemed, given back, settled, booked -> counted by the house
    -> every question and page is asked, and how long each took stands in a table

Playing millions of vouchers through the doors would take days. The rows are made up
(`season_rows.py`, `season_books.py`); keys, references and bounds are checked over all of them.
"""

import argparse
import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from bench import season_books, season_rows
from bench.__main__ import RESULTS, console, home_of, progress
from bench.copying import indexes_laid_aside, keys_laid_aside
from bench.house import CAMPAIGN, CROWD, Prepared, copy_database, drop_database, prepared_house
from bench.machine import about
from bench.season_asks import ask_everything, show
from bench.table import keep
from huiquan.actions.count_fund import count_fund
from huiquan.cli.books import open_books
from huiquan.db.campaign_state import load_campaign
from huiquan.domain.cities import CITIES
from huiquan.domain.days import SHANGHAI, days_between
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import Channel, Rulebook
from huiquan.settings import Settings
from simulation.household import offset_to

SEASON = "season"
NOW = time(16, 0)
MONEY_OF_ONE = 100_000_000
VOUCHER_YUAN = 104
PEOPLE_PERCENT = 65
REDEMPTIONS_OF_MERCHANT = 2_500
AT_ONCE = 100_000
FILLED = (
    *("vouchers", "codes", "locks", "redemptions", "payments", "refunds", "outbox"),
    *("settlements", "settlement_lines", "transfers"),
)
# Vouchers here come from no entry: the reference is laid aside for good.
NO_ENTRIES = "alter table vouchers drop constraint vouchers_lane_campaign_id_idx_fkey"
SESSION = {
    "timezone": "Asia/Shanghai",
    "synchronous_commit": "off",
    "work_mem": "256MB",
    "jit": "off",
}

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Season:
    """What is made up: of which campaign, on which days, how many vouchers and merchants."""

    campaign_id: int
    lanes: int
    days: Sequence[date]
    tiers: Sequence[tuple[int, int, int, int]]
    vouchers: int

    @property
    def now(self) -> datetime:
        """The moment at which it is asked: the afternoon of the last day."""
        return datetime.combine(self.days[-1], NOW, SHANGHAI)

    @property
    def a_day(self) -> int:
        """Vouchers won on each day."""
        return -(-self.vouchers // len(self.days))

    @property
    def people_of_lane(self) -> int:
        """How many people of each lane win at all; nobody twice on one day."""
        return max(self.vouchers * PEOPLE_PERCENT // 100, self.a_day) // self.lanes + 1

    @property
    def merchants(self) -> int:
        """As many merchants as such a season has."""
        return max(4, self.vouchers // REDEMPTIONS_OF_MERCHANT)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for on the command line."""
    asked = argparse.ArgumentParser(prog="python -m bench.season", description=__doc__)
    asked.add_argument("--vouchers", type=int, default=1_000_000)
    asked.add_argument("--only", default="", help="words of what is asked, with commas")
    asked.add_argument("--times", type=int, default=3, help="how often each page is asked")
    asked.add_argument("--home", type=Path, help="make it here and keep it")
    asked.add_argument("--out", type=Path, default=RESULTS, help="where the JSON goes")
    return asked.parse_args(words)


def season_of(rulebook: Rulebook, campaign_id: int, vouchers: int) -> Season:
    """A season of this size on the draw days of a campaign; of its store packs, for online ones
    need orders."""
    packs = {pack.number for pack in rulebook.packs if pack.channel is Channel.OFFLINE}
    return Season(
        campaign_id=campaign_id,
        lanes=rulebook.lanes,
        days=tuple(days_between(rulebook.starts_on, rulebook.last_draw_on)),
        tiers=[
            (tier.number, tier.pack, tier.face_fen, tier.threshold_fen)
            for tier in rulebook.tiers
            if tier.pack in packs
        ],
        vouchers=vouchers,
    )


async def fill(address: str, season: Season, say: Say) -> None:
    """Make the season's rows up in a prepared database; `say` hears how far it is."""
    connection = await asyncpg.connect(address, timeout=60, server_settings=SESSION)
    try:
        await connection.execute(NO_ENTRIES)
        await connection.execute(season_rows.BEFORE)
        rows = [(place, *tier) for place, tier in enumerate(season.tiers)]
        await connection.copy_records_to_table("season_tiers", records=rows)
        for statement in season_rows.shops(season.campaign_id, list(CITIES)):
            words = (season.merchants,) if "$1" in statement else ()
            await connection.execute(statement, *words)
        async with keys_laid_aside(connection, FILLED), indexes_laid_aside(connection, FILLED):
            await _win(connection, season, say)
            await _book(connection, season, say)
            say("keys and references")
        say("cleaning up")
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
    finally:
        await connection.close()


async def _win(connection: Any, season: Season, say: Say) -> None:
    question = season_rows.day(season.campaign_id, season.lanes, list(CITIES))
    step = max(1, season.people_of_lane // len(season.days))
    for number, day in enumerate(season.days):
        say(f"day {number + 1} of {len(season.days)}")
        await connection.execute(
            question,
            *(day, number, season.a_day, season.now, season.people_of_lane),
            *(season.merchants * season_rows.STORES_OF_MERCHANT, step),
        )
    await connection.execute("analyze")


async def _book(connection: Any, season: Season, say: Say) -> None:
    say("settlements")
    for statement in season_books.settlements(season.campaign_id):
        await connection.execute(statement, *((season.days[-1],) if "$1" in statement else ()))
    await connection.execute("analyze settlements, settlement_lines")
    for lane in range(season.lanes):
        say(f"book {lane + 1} of {season.lanes}")
        await connection.execute(season_books.book(season.campaign_id), lane, season.now)
    await connection.execute(season_books.house_book(season.campaign_id))
    say("balances")
    for statement in season_books.closing(season.campaign_id):
        await connection.execute(statement, *((season.now,) if "$1" in statement else ()))


async def count(settings: Settings, say: Say) -> None:
    """Let the house count the books into its cells and steps, as its jobs do each minute."""
    async with open_books(settings) as app:
        counted = await count_fund(
            app,
            CAMPAIGN,
            transfers_at_once=AT_ONCE,
            on_progress=lambda done, of: say(f"counting the books: {done:,} of {of:,}"),
        )
    assert not isinstance(counted, Refusal)


def fingerprint(vouchers: int) -> str:
    """What a season that was made depends on, besides the house it stands on."""
    mark = hashlib.sha256(str(vouchers).encode())
    for name in ("season_rows.py", "season_books.py"):
        mark.update(Path(__file__).with_name(name).read_bytes())
    return mark.hexdigest()


@contextmanager
def made_season(home: Path, vouchers: int, say: Say) -> Iterator[tuple[Settings, Season]]:
    """A season of this size, made or found in `home`; with the settings of a house at its end."""
    times = -(-vouchers * VOUCHER_YUAN // MONEY_OF_ONE)
    with prepared_house(home, 1, lambda _: None, times) as found:
        ready = home / "season-ready"
        season = season_of(*asyncio.run(_published(found)), vouchers)
        settings = replace(
            found.settings,
            database_url=found.embedded.url(SEASON),
            clock_offset_s=offset_to(season.now),
        )
        if not ready.exists() or ready.read_text() != fingerprint(vouchers):
            drop_database(found.embedded, SEASON)
            copy_database(found.embedded, CROWD, SEASON)
            asyncio.run(fill(str(settings.database_url), season, say))
            # An hour ago: what is new to a question is what came in the last minutes.
            counted_at = offset_to(season.now - timedelta(hours=1))
            asyncio.run(count(replace(settings, clock_offset_s=counted_at), say))
            ready.write_text(fingerprint(vouchers))
        yield settings, season


async def _published(found: Prepared) -> tuple[Rulebook, int]:
    async with open_books(found.settings) as app, app.db.reading() as tx:
        campaign = await load_campaign(tx, CAMPAIGN, first_day=0, last_day=0)
    assert campaign is not None
    return campaign.versions[0].rulebook, campaign.campaign_id


def main(words: Sequence[str] | None = None) -> int:
    """Make a season, ask everything; exit status 1 when the books do not hold."""
    asked = arguments(words)
    names = tuple(word for word in asked.only.split(",") if word)
    path = asked.out / f"season-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    with (
        home_of(asked.home) as home,
        progress() as say,
        made_season(home, asked.vouchers, say) as (settings, season),
    ):
        told: dict[str, Any] = {"vouchers": asked.vouchers, "about": about(home)}
        found = asyncio.run(ask_everything(settings, season, names, asked.times, say))
    show(console, found)
    keep(path, {**told, "asked": [asdict(one) for one in found]})
    console.print(f"the same as JSON: {path}")
    return 1 if any(one.is_wrong for one in found) else 0


if __name__ == "__main__":
    raise SystemExit(main())
