"""A database of before payment files, with sales, refunds and settlements in it, is brought up.

Money is made by today's actions, put into the tables of then, and migrated; what the migrations
fill in for the past is held against what today's actions had written themselves.
"""

import secrets
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
import yoyo

from huiquan.actions.run_checks import run_checks
from huiquan.db.connection import Database, open_database
from huiquan.db.embedded import Embedded, create_database
from huiquan.db.migrate import MIGRATIONS, migrate
from huiquan.domain.refunds import Refund
from simulation.paying import pay_everything
from tests.actions.test_settle_day import a_day_of_sales, a_settled_sale, sell_again, settled_on
from tests.houses import make_house
from tests.seasons import Season, refund

BEFORE_FILES = "0014_acquirers"
# Every table that stood then and holds something; a table of references comes before its readers
# in no particular order, for keys are not looked at while rows are copied.
TABLES_OF_THEN = """
    select table_name
      from information_schema.tables
     where table_schema = 'public'
       and table_type = 'BASE TABLE'
       and table_name !~ '^(_yoyo|yoyo|procrastinate)'
"""
COLUMNS = """
    select column_name
      from information_schema.columns
     where table_schema = 'public'
       and table_name = $1
       and is_generated = 'NEVER'
     order by ordinal_position
"""


def migrate_to(url: str, last: str) -> None:
    """Apply the migrations up to one, as a house of then had done."""
    backend = yoyo.get_backend(url.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        known = yoyo.read_migrations(str(MIGRATIONS)).filter(lambda one: one.id <= last)
        with backend.lock():
            backend.apply_migrations(backend.to_apply(known))
    finally:
        backend.connection.close()


async def a_season_of_then(database: Database) -> Season:
    """Sales and refunds before and after settlement, settlements paid and not paid yet, a debt."""
    season = await a_day_of_sales(database)
    sale = season.redemptions[0]
    assert isinstance(await refund(season, sale, sale.quote.net_fen // 3), Refund)
    await settled_on(season, 1)
    await pay_everything(season.house.app, season.campaign.code)
    late = await a_settled_sale(season)
    back = await refund(season, late, late.quote.net_fen)
    assert isinstance(back, Refund)
    assert back.is_late
    await sell_again(season, late.merchant_id)
    season.house.clock.now += timedelta(days=3)
    assert (await settled_on(season, 0)).recovered_fen > 0
    return season


async def put_into(old: asyncpg.Connection, now: asyncpg.Connection) -> None:
    """Copy what both shapes have in common: the rows as they stood then."""
    await old.execute("set session_replication_role = replica")
    for row in await old.fetch(TABLES_OF_THEN):
        table = row["table_name"]
        columns = [one["column_name"] for one in await old.fetch(COLUMNS, table)]
        rows = await now.fetch(f"select {', '.join(columns)} from {table}")
        await old.copy_records_to_table(
            table, records=[_as_then(one) for one in rows], columns=columns
        )
    await old.execute("set session_replication_role = origin")


def _as_then(row: asyncpg.Record) -> tuple[Any, ...]:
    """A settlement's reference did not name its rail yet."""
    return tuple(
        str(value).removesuffix("-direct") if name == "ref" else value
        for name, value in row.items()
    )


FILLED_IN = (
    "select settlement_id, lane, redeemed_count, payable_fen, carried_fen, recovered_fen"
    " from settlement_lines order by 1, 2",
    "select settlement_id, day || '-' || merchant_id, rail, carried_fen, state from settlements"
    " order by 1",
    "select lane, idx, lock_no, rail from redemptions order by 1, 2, 3",
    "select campaign_id, tranche_no, bank_ref, received_fen, received_at from tranches order by 1",
)


async def told(connection: asyncpg.Connection) -> list[list[Any]]:
    return [[tuple(row) for row in await connection.fetch(query)] for query in FILLED_IN]


@pytest.mark.requirement("R2.4")
async def test_what_is_filled_in_for_the_past_is_what_would_have_been_written(
    database: Database, database_url: str, postgres: Embedded
) -> None:
    season = await a_season_of_then(database)
    url = create_database(postgres, f"older_{secrets.token_hex(6)}")
    migrate_to(url, BEFORE_FILES)
    now, old = await asyncpg.connect(database_url), await asyncpg.connect(url)
    try:
        await put_into(old, now)
        applied = migrate(url)
        assert applied[0].startswith("0015")
        lines, *_ = before = await told(now)
        assert sum(line[-1] for line in lines) > 0, "a debt was kept of a settlement"
        assert {row[-1] for row in before[1]} == {"paid", "settled"}
        assert await told(old) == before
        for row in await old.fetch("select * from settlements"):
            assert row["ref"] == f"{row['day']}-{row['merchant_id']}"
            assert row["without_file"] == (row["state"] == "paid")
        led = await old.fetch("select store_id, count(*) filter (where is_manager) as n"
                              " from cashiers group by 1")  # fmt: skip
        assert {row["n"] for row in led} == {1}
    finally:
        await now.close()
        await old.close()
    opened = await open_database(url)
    house = make_house(opened, at=season.house.clock.now)
    waiting = {"i32_no_message_waits", "i33_expired_is_closed"}
    failed = (await run_checks(house.app)).failed
    assert [one for one in failed if one.name not in waiting] == []
    await opened.close()
