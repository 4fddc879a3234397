"""The house on a real Citus cluster: spread by lane, a season is played there, every promise holds.

HUIQUAN_TEST_CITUS_URL names an empty database on a coordinator, as the owner, with the extension
there and the nodes added; `docs/operating/scale.md` says how it is prepared. With it every test
that asks for a database is given one that is spread over the cluster, in other folders, too.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import asyncpg
import pytest

from huiquan.actions.run_checks import run_checks
from huiquan.db import checks
from huiquan.db.connection import Database, open_database
from huiquan.db.distribute import distribute, plan, probe
from huiquan.domain.win_rates import By
from huiquan.views import outcome_batches
from huiquan.views.public_days import count_next, days_with_config
from tests.conftest import CITUS_URL
from tests.databases import Server
from tests.houses import make_house
from tests.played import Played, played_season

pytestmark = [
    pytest.mark.skipif(
        not CITUS_URL,
        reason="HUIQUAN_TEST_CITUS_URL names no empty database on Citus",
    ),
    pytest.mark.xdist_group("citus"),
]


@pytest.fixture(scope="session")
def played(postgres: Server) -> Played:
    """A season that was played on the cluster: five days, from registering to the bank."""
    return played_season(postgres)


@pytest.fixture
async def cluster(played: Played) -> AsyncIterator[Database]:
    """The cluster's database after the season, open."""
    opened = await open_database(played.url)
    yield opened
    await asyncio.wait_for(opened.close(), 10)


@pytest.fixture
async def campaign_id(cluster: Database) -> int:
    """The campaign of the season."""
    async with cluster.reading() as tx:
        found: int = await tx.fetchval("select campaign_id from campaigns")
    return found


async def test_what_is_distributed_already_stays_as_it_is(played: Played) -> None:
    owner = await asyncpg.connect(played.url)
    told = [move async for _, _, move in distribute(owner, shards=16)]
    assert told == await plan(owner)
    assert all(move.is_done for move in told)
    assert await owner.fetch("select from pg_constraint where not convalidated") == []
    await probe(owner)
    await owner.close()


async def test_a_table_that_a_new_version_put_elsewhere_is_moved_when_asked_again(
    database_url: str,
) -> None:
    owner = await asyncpg.connect(database_url)
    keys = await owner.fetch(
        """
        select conname, pg_get_constraintdef(oid) as definition
          from pg_constraint
         where conrelid = 'store_rails'::regclass
           and contype = 'f'
        """
    )
    for key in keys:
        await owner.execute(f"alter table store_rails drop constraint {key['conname']}")
    await owner.execute("select undistribute_table('store_rails')")
    for key in keys:
        await owner.execute(
            f"alter table store_rails add constraint {key['conname']} {key['definition']}"
        )
    moved = [move.table async for _, _, move in distribute(owner, shards=16) if not move.is_done]
    assert moved == ["store_rails"]
    assert all(move.is_done for move in await plan(owner))
    await owner.close()


async def test_every_promise_of_a_season_holds_on_the_cluster(
    cluster: Database, played: Played
) -> None:
    house = make_house(cluster, at=played.now)
    run = await run_checks(house.app, recount=True)
    assert run.failed == ()
    assert run.checked == len(checks.every_check()) + 3


async def test_a_voucher_lived_its_whole_life_on_one_shard(cluster: Database) -> None:
    async with cluster.reading() as tx:
        lives = await tx.fetch(
            """
            select v.lane, v.idx, v.state, e.pid = v.pid as is_its_entrants, d.settlement_id,
                   array_agg(distinct t.kind) as moved
              from vouchers v
              join entries e
                on (e.lane, e.campaign_id, e.idx) = (v.lane, v.campaign_id, v.idx)
              join redemptions d
                on (d.lane, d.campaign_id, d.idx) = (v.lane, v.campaign_id, v.idx)
              join transfers t
                on (t.lane, t.campaign_id, t.idx) = (v.lane, v.campaign_id, v.idx)
             where d.settlement_id is not null
               and d.refund_count > 0
             group by v.lane, v.idx, v.state, e.pid = v.pid, d.settlement_id
            """
        )
        paid = await tx.fetch("select settlement_id from settlements where state = 'paid'")
    assert {row["settlement_id"] for row in paid} & {row["settlement_id"] for row in lives}
    assert all(row["is_its_entrants"] and row["state"] == "redeemed" for row in lives)
    assert {"reserve", "redeem", "refund"} <= {kind for row in lives for kind in row["moved"]}


async def test_lanes_stand_on_more_than_one_shard_and_a_lane_on_one(cluster: Database) -> None:
    async with cluster.reading() as tx:
        homes = await tx.fetch(
            """
            select distinct n.lane, get_shard_id_for_distribution_column('lanes', n.lane) as lanes,
                   get_shard_id_for_distribution_column('entries', n.lane)
                       - get_shard_id_for_distribution_column('lanes', n.lane) as apart
              from generate_series(0, 3) n (lane)
            """
        )
    assert len({row["lanes"] for row in homes}) > 1
    assert len({row["apart"] for row in homes}) == 1


async def test_outcomes_for_many_are_asked_of_the_cluster(
    cluster: Database, played: Played, campaign_id: int
) -> None:
    app = make_house(cluster, at=played.now).app
    async with cluster.reading() as tx:
        entries = await tx.fetch("select lane, pid, day, idx, pack, entered_at from entries")
        rounds = await tx.fetch("select lane, seq, first_idx, entry_count from rounds")
        vouchers = await tx.fetch("select lane, idx, serial from vouchers")
    people = [(one["lane"], one["pid"], one["day"]) for one in entries]
    places = [(one["lane"], one["idx"]) for one in entries]
    stranger, nowhere = (0, bytes(16), 20260206), (0, 10**9)

    found = await outcome_batches.entries_of(app, campaign_id, [*people, stranger])
    assert {key: one.idx for key, one in found.items()} == {
        (one["lane"], one["pid"], one["day"]): one["idx"] for one in entries
    }
    holding = await outcome_batches.rounds_holding(app, campaign_id, [*places, nowhere])
    assert {(*place, one.seq) for place, one in holding.items()} == {
        (one["lane"], idx, one["seq"])
        for one in rounds
        for idx in range(one["first_idx"], one["first_idx"] + one["entry_count"])
    }
    won = await outcome_batches.vouchers_won(app, campaign_id, places)
    assert {(*place, one.serial) for place, one in won.items()} == {
        (one["lane"], one["idx"], one["serial"]) for one in vouchers
    }
    finals = await outcome_batches.finals_after(app, campaign_id, {0: -1, 2: 0}, 2)
    seqs = {lane: [one["seq"] for one in rounds if one["lane"] == lane] for lane in (0, 2)}
    assert {lane: [one.seq for one in found] for lane, found in finals.items()} == {
        lane: sorted(seqs[lane])[-2:] for lane in (0, 2)
    }


async def test_the_public_count_of_each_day_is_asked_of_the_cluster(
    cluster: Database, played: Played, campaign_id: int
) -> None:
    house = make_house(cluster, at=played.now)
    told: Counter[tuple[By, str, int]] = Counter()
    told_won: Counter[tuple[By, str, int]] = Counter()
    for line in await days_with_config(house.app, campaign_id):
        next_idx: dict[int, int] = {}
        while True:
            more = await count_next(house.app, campaign_id, line.day, next_idx)
            if not more.rounds:
                break
            next_idx |= {one.lane: one.next_idx for one in more.rounds}
            for one in more.groups:
                told[one.by, one.key, one.pack] += one.entered
                told_won[one.by, one.key, one.pack] += one.won
    async with cluster.reading() as tx:
        entries = await tx.fetch("select lane, idx, city, pack from entries")
        vouchers = await tx.fetch("select lane, idx from vouchers")
        rounds = await tx.fetch("select lane, first_idx, entry_count, slot from rounds")
    hours = {
        (one["lane"], one["first_idx"] + place): one["slot"]
        for one in rounds
        for place in range(one["entry_count"])
    }
    won = {(one["lane"], one["idx"]) for one in vouchers}
    entered, kept = Counter(_groups(entries, hours)), Counter()
    for one in entries:
        if (one["lane"], one["idx"]) in won:
            kept.update(_groups([one], hours))
    assert won
    assert told == entered
    assert +told_won == kept


def _groups(
    entries: list[asyncpg.Record], hours: dict[tuple[int, int], int]
) -> list[tuple[By, str, int]]:
    """What each entry is counted under."""
    return [
        group
        for one in entries
        for group in (
            (By.LANE, str(one["lane"]), one["pack"]),
            (By.HOUR, str(hours[one["lane"], one["idx"]]), one["pack"]),
            (By.CITY, one["city"], one["pack"]),
            (By.DIGIT, str(one["idx"] % 10), one["pack"]),
        )
    ]
