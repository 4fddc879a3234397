"""The ledger is linked at each round-off, without a gap, and by one of two who try."""

import asyncio

import pytest

from huiquan.actions import link_ledger as linking
from huiquan.actions.link_ledger import link_ledger
from huiquan.actions.run_checks import run_checks
from huiquan.db.connection import Database
from huiquan.domain.refusals import Refusal
from tests.seasons import Season, open_season, play_day


async def unlinked(season: Season) -> int:
    async with season.house.app.db.reading() as tx:
        left: int = await tx.fetchval("select sum(next_no - linked_no)::int from books")
    return left


@pytest.mark.requirement("R2.4")
async def test_a_link_covers_all_that_was_booked_since_the_last_one(database: Database) -> None:
    season = await open_season(database, people=24)
    app, code = season.house.app, season.campaign.code
    assert await link_ledger(app, code) == 5  # the house and four lanes: money and its release
    assert await link_ledger(app, code) == 0
    await play_day(season)
    assert await unlinked(season) > 0
    closed = await link_ledger(app, code)
    assert isinstance(closed, int)
    assert closed > 0
    assert await unlinked(season) == 0
    assert (await run_checks(app, recount=True)).failed == ()
    assert await link_ledger(app, "another") is Refusal.UNKNOWN_CAMPAIGN


async def test_a_long_stretch_gets_several_links(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    season = await open_season(database, people=24)
    await play_day(season)
    monkeypatch.setattr(linking, "TRANSFERS_MAX", 2)
    await link_ledger(season.house.app, season.campaign.code)
    async with season.house.app.db.reading() as tx:
        longest = await tx.fetchval("select max(next_no - first_no) from links")
    assert longest == 2
    assert await unlinked(season) == 0
    assert (await run_checks(season.house.app, recount=True)).failed == ()


@pytest.mark.requirement("R2.4")
async def test_of_two_at_one_moment_one_closes_the_link(database: Database) -> None:
    season = await open_season(database, people=24)
    await play_day(season)
    await asyncio.gather(*(link_ledger(season.house.app, season.campaign.code) for _ in range(4)))
    assert await unlinked(season) == 0
    assert (await run_checks(season.house.app, recount=True)).failed == ()
