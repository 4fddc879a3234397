"""A season that is made up is one whose money holds: what is measured on it is worth something."""

from datetime import datetime
from pathlib import Path

import asyncpg
import pytest

from bench import season_rows
from bench.season import count, fill, season_of
from bench.season_asks import ask_everything
from huiquan.db.checks import every_check
from huiquan.db.connection import Database
from huiquan.domain.days import SHANGHAI
from huiquan.domain.ledger import Kind
from huiquan.domain.serials import Name, write_name
from huiquan.settings import Settings
from simulation.household import offset_to
from tests.databases import Cluster, Server
from tests.houses import make_house, publish

EVE = datetime(2026, 1, 20, 10, 0, tzinfo=SHANGHAI)
VOUCHERS = 4_000
# Nothing of it bounces, is made good, given back as a voucher or to a payer; all is won each day.
ABSENT = {
    *(Kind.BOUNCE, Kind.PAY_BACK, Kind.COMPENSATE, Kind.REPAY, Kind.REPAID, Kind.REINSTATE),
    *(Kind.RETURN_REMAINDER, Kind.OVERPAY, Kind.COVER, Kind.RECALL),
}


async def test_names_that_sql_writes_are_the_houses(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    for letter, attempts in (("V", ()), ("R", (7,)), ("F", (1, 12))):
        for lane, idx in ((0, 0), (3, 42), (1023, 987_654_321)):
            numbers = [str(number) for number in (lane, idx, *attempts)]
            written = await connection.fetchval(f"select {season_rows.named(letter, 1, *numbers)}")
            assert written == write_name(letter, Name(1, lane, idx, attempts))
    await connection.close()


async def test_a_season_that_is_made_up_keeps_every_promise_about_money(
    postgres: Server, database: Database, database_url: str, tmp_path: Path
) -> None:
    if isinstance(postgres, Cluster):
        pytest.skip("a season is made up on one server")
    campaign = await publish(make_house(database, at=EVE))
    season = season_of(campaign.rulebook_at(EVE), campaign.campaign_id, VOUCHERS)
    said: list[str] = []
    await fill(database_url, season, said.append)
    settings = Settings(
        home=tmp_path, database_url=database_url, clock_offset_s=offset_to(season.now)
    )
    await count(settings, said.append)
    answers = await ask_everything(settings, season, (), 1, said.append)
    assert [one for one in answers if one.is_wrong] == []
    assert {one.name for one in every_check()} <= {one.what for one in answers}
    async with database.reading() as tx:
        # As many on each day, but the last is not over yet.
        vouchers = await tx.fetchval("select count(*) from vouchers")
        assert 0 <= season.a_day * len(season.days) - vouchers < season.a_day
        kinds = {row["kind"] for row in await tx.fetch("select distinct kind from transfers")}
        assert kinds == set(Kind) - ABSENT
        states = {row["state"] for row in await tx.fetch("select distinct state from vouchers")}
        assert states >= {"held", "redeemed", "expired"}
        open_books = "select count(*) from books b join fund_marks m using (campaign_id, lane)"
        assert await tx.fetchval(f"{open_books} where m.counted_no < b.next_no") == 0
    assert any(one.startswith("counting the books") for one in said)
