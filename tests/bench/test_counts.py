"""The bench counts what is in the tables, and sees when it is not what was said."""

import asyncpg
import pytest

from bench.counts import names, read_counts, wrongs
from huiquan.db.embedded import Embedded
from tests.played import copy_of, played_season

HURTS = {
    "a lost entry": "delete from entries where idx = 0",
    "a doubled entry": """
        insert into entries (lane, campaign_id, idx, day, pid, pack, client_nonce, salt, decision,
                             elig, cfg_hash, city, request_key, entered_at)
        select lane, campaign_id, idx + 1000000, day, pid, pack, client_nonce, salt, decision,
               elig, cfg_hash, city, request_key, entered_at
          from entries where idx = 0 limit 1
    """,
    "a win without a voucher": "delete from vouchers where idx = (select min(idx) from vouchers)",
    "a voucher without its money": """
        delete from transfers
         where kind = 'reserve'
           and no = (select min(no) from transfers where kind = 'reserve')
    """,
    "an entry that was not drawn": "update rounds set entry_count = entry_count + 1 where seq = 0",
    "a queue that says more than is there": "update lanes set next_idx = next_idx + 1",
}


@pytest.fixture
def season_url(postgres: Embedded) -> str:
    return copy_of(postgres, played_season(postgres))


async def hurt(url: str, statement: str) -> None:
    """Change the tables behind the back of every guard."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("set session_replication_role = replica")
        for (name,) in await connection.fetch(
            "select conname from pg_constraint"
            " where conrelid = 'entries'::regclass and contype = 'u'"
        ):
            await connection.execute(f'alter table entries drop constraint "{name}"')
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_season_that_was_played_through_counts_right(season_url: str) -> None:
    numbers = await read_counts(season_url)
    assert numbers["entries"] > 0
    assert numbers["vouchers"] > 0
    assert wrongs(numbers, acknowledged=numbers["entries"], in_flight=0) == ()


@pytest.mark.parametrize("statement", HURTS.values(), ids=HURTS)
async def test_whatever_is_wrong_in_the_tables_is_found(season_url: str, statement: str) -> None:
    told = (await read_counts(season_url))["entries"]
    await hurt(season_url, statement)
    assert wrongs(await read_counts(season_url), acknowledged=told, in_flight=0) != ()


async def test_an_acknowledged_entry_that_is_not_there_is_lost(season_url: str) -> None:
    numbers = await read_counts(season_url)
    found = wrongs(numbers, acknowledged=numbers["entries"] + 2, in_flight=0)
    assert found == ("2 acknowledged entries are lost",)


@pytest.mark.parametrize(
    ("more", "in_flight", "is_wrong"),
    [(0, 0, False), (3, 3, False), (3, 64, False), (4, 3, True)],
)
async def test_only_what_was_under_way_may_be_there_unacknowledged(
    season_url: str, more: int, in_flight: int, is_wrong: bool
) -> None:
    numbers = await read_counts(season_url)
    told = numbers["entries"] - more
    assert bool(wrongs(numbers, acknowledged=told, in_flight=in_flight)) is is_wrong


def test_what_is_stored_is_known_by_its_name(season_url: str) -> None:
    stored = names(season_url, "select request_key as name from entries")
    told = {"a key nobody used"}
    assert stored
    assert told - stored == told
