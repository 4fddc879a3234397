"""Two rounds processes at once, by mistake: no round is sealed twice or drawn twice.  双进程"""

import asyncio

import pytest

from huiquan.actions.draw_round import draw_round
from huiquan.actions.seal_round import seal_round
from huiquan.actions.sign_round import sign_round
from huiquan.db.connection import Database, open_database
from huiquan.domain.sealing import SealedRound
from tests.houses import make_house
from tests.rounds import crowd, drawn, rounds_running, unhurried, until_drawn

PEOPLE = 400


@pytest.mark.requirement("R5.1")
async def test_two_loops_on_two_connections_draw_what_one_would(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unhurried(monkeypatch)
    standing = await crowd(database, PEOPLE)
    second = await open_database(database_url)
    app = standing.house.app
    twin = make_house(second, notary=app.notary, auditor=app.auditor)
    async with rounds_running(standing.house, twin):
        await until_drawn(standing.house)
    finals, vouchers = await drawn(standing.house)
    async with app.db.reading() as tx:
        rows = await tx.fetch(
            "select lane, first_idx, entry_count, final_at from rounds order by lane, seq"
        )
        reserved = await tx.fetchval("select count(*) from transfers where kind = 'reserve'")
        told = await tx.fetchval("select count(*) from outbox where kind = 'won'")
        counted = await tx.fetchval("select sum(wins) from registrations")
    ends: dict[int, int] = {}
    for row in rows:
        assert row["first_idx"] == ends.get(row["lane"], 0)
        ends[row["lane"]] = row["first_idx"] + row["entry_count"]
        assert row["final_at"] is not None
    assert sum(ends.values()) == PEOPLE
    assert reserved == told == counted == len(vouchers) > 0
    # A seal names the one before it: each number was sealed once, and each seal asked about is it.
    assert {seal for _, _, seal, _ in finals} == set(standing.notary.seals)
    await second.close()


async def test_a_lane_is_sealed_once_and_drawn_once_however_many_try_at_once(
    database: Database, database_url: str
) -> None:
    standing = await crowd(database, 60)
    second = await open_database(database_url)
    app, campaign = standing.house.app, standing.campaign
    apps = [app, make_house(second, notary=app.notary, auditor=app.auditor).app] * 4
    lane = 0
    sealed = await asyncio.gather(*(seal_round(one, campaign, lane) for one in apps))
    given = [one for one in sealed if isinstance(one, SealedRound)]
    assert len({one.seal_hash for one in given}) == 1
    async with app.db.reading() as tx:
        assert await tx.fetchval("select count(*) from rounds") == 1
    proofs = [await sign_round(one, campaign, given[0]) for one in apps]
    assert len(set(proofs)) == 1
    came = await asyncio.gather(
        *(
            draw_round(one, campaign, given[0], proof)
            for one, proof in zip(apps, proofs, strict=True)
        )
    )
    assert sum(one is not None for one in came) == 1
    await second.close()
