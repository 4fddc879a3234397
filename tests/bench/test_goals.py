"""Whether a rush kept what was promised: each line can fail, and fails on a tampered database."""

from typing import Any

import asyncpg
import pytest

from bench.counts import read_counts, wrongs
from bench.goals import Goal, goals_of_outages, goals_of_storms
from huiquan.db.embedded import Embedded
from tests.played import copy_of, played_season

RIGHT = {"entries": 10, "people": 10, "request_keys": 10}
OVERLOAD = {
    "times": 10.0,
    "seconds": 60,
    "arrived": 600_000,
    "arrivals_each_second": 10_000,
    "generator_late": 0,
    "never_left": 0,
    "goodput": 900,
    "admitted_p99_ms": 1500.0,
    "calm_after_s": 3.0,
}


def told(**changed: Any) -> dict[str, Any]:
    storm = {name: changed.pop(name) for name in OVERLOAD if name in changed}
    rush = {"capacity": 1000, "lost": 0, "wrong": [], "numbers": RIGHT}
    return {**rush, **changed, "storms": {"10 ×": {**OVERLOAD, **storm}}}


def not_kept(goals: list[Goal]) -> list[str]:
    return [one.promise for one in goals if not one.kept]


def test_a_rush_that_kept_everything_keeps_every_goal() -> None:
    goals = goals_of_storms(told())
    assert len(goals) == 7
    assert not_kept(goals) == []


@pytest.mark.parametrize(
    ("changed", "promise"),
    [
        ({"goodput": 799}, "10 ×: goodput ≥ 80% of capacity"),
        ({"admitted_p99_ms": 2001.0}, "10 ×: p99 of who is admitted ≤ 2 s"),
        ({"calm_after_s": 61.0}, "10 ×: calm again ≤ 60 s after"),
        ({"generator_late": 70_000}, "10 ×: as large as its name, ≥ 9.0 × in time"),
        ({"never_left": 70_000}, "10 ×: as large as its name, ≥ 9.0 × in time"),
        ({"arrivals_each_second": 8_900}, "10 ×: as large as its name, ≥ 9.0 × in time"),
        ({"lost": 1}, "no acknowledged entry is lost"),
        ({"numbers": {**RIGHT, "people": 9}}, "nobody is entered twice"),
        ({"numbers": {**RIGHT, "request_keys": 9}}, "nobody is entered twice"),
        ({"wrong": ["an entry was not drawn"]}, "nothing else is wrong in the tables"),
    ],
)
def test_each_goal_fails_by_its_own_figure(changed: dict[str, Any], promise: str) -> None:
    assert not_kept(goals_of_storms(told(**changed))) == [promise]


def test_a_calm_hour_promises_no_goodput() -> None:
    assert len(goals_of_storms(told(times=0.5, goodput=1))) == 3


@pytest.mark.parametrize(
    ("changed", "promise"),
    [
        ({}, None),
        ({"without a chance": 1}, "web away: nobody without a chance"),
        ({"lost": 2}, "web away: nobody lost"),
        ({"wrong": ["x"]}, "web away: nothing wrong in the tables"),
    ],
)
def test_an_outage_costs_nobody_their_chance(changed: dict[str, Any], promise: str | None) -> None:
    one = {"without a chance": 0, "lost": 0, "wrong": [], **changed}
    found = not_kept(goals_of_outages({"web away": one}))
    assert found == ([promise] if promise else [])


@pytest.fixture
def season_url(postgres: Embedded) -> str:
    return copy_of(postgres, played_season(postgres))


LOST = "delete from entries where idx = (select max(idx) from entries where lane = 0) and lane = 0"
DOUBLED = """
    insert into entries (lane, campaign_id, idx, day, pid, pack, client_nonce, salt, decision,
                         elig, cfg_hash, city, request_key, entered_at)
    select lane, campaign_id, (select max(idx) + 1 from entries where lane = 0), day, pid, pack,
           client_nonce, salt, decision, elig, cfg_hash, city, request_key, entered_at
      from entries where lane = 0 and idx = 0
"""


@pytest.mark.parametrize(
    ("statement", "promise", "measured"),
    [
        (LOST, "no acknowledged entry is lost", "1"),
        (DOUBLED, "nobody is entered twice", "1"),
    ],
)
async def test_a_tampered_database_is_counted_to_the_entry(
    season_url: str, statement: str, promise: str, measured: str
) -> None:
    url = season_url
    asked_for = "select request_key as name from entries"
    acknowledged = await _names(url, asked_for)
    await _tamper(url, statement)
    numbers = await read_counts(url)
    rush = told(
        lost=len(acknowledged - await _names(url, asked_for)),
        numbers=numbers,
        wrong=list(wrongs(numbers, acknowledged=len(acknowledged), in_flight=0)),
    )
    found = {one.promise: one for one in goals_of_storms(rush)}
    assert not found[promise].kept
    assert found[promise].measured == measured
    assert not found["nothing else is wrong in the tables"].kept


async def _names(url: str, statement: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        return {row["name"] for row in await connection.fetch(statement)}
    finally:
        await connection.close()


async def _tamper(url: str, statement: str) -> None:
    """Behind the back of every guard."""
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
