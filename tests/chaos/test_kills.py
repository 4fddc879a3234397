"""Every process of the house is killed again and again while people take part.  F1 F2 F4 F26

Acknowledged is durable: every entry, redemption and refund that somebody was told about is there
once, as it was told; what nobody heard of is there at most once. CHAOS_S asks for a longer run.
"""

import asyncio
import json
import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from tests.chaos import reckoning
from tests.chaos.crowd import World, all_live, people_of, world_of
from tests.chaos.house import MIDNIGHT, RealHouse, real_house, until
from tests.chaos.shaking import EVERYTHING, kill_list, looked_after, shake
from tests.houses import CAMPAIGN
from torture.history import History

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("real-house")]

DAY = 20260206
SEED = 20260206
SHORT_S = 36
PEOPLE_A_SECOND = 2.5
KILL_PAUSE_S = 2.0
DAY_ENDS_S = 60


async def shaken_day(house: RealHouse, history: History, long_s: float) -> Counter[str]:
    """A day's crowd over so many seconds, with kills all the while; everything up at the end."""
    people = people_of(SEED, int(long_s * PEOPLE_A_SECOND))
    times = max(3, int(long_s / KILL_PAUSE_S / len(EVERYTHING)))
    async with looked_after(house), world_of(house, history, DAY, seed=SEED) as world:
        killed, _ = await asyncio.gather(
            shake(house, kill_list(SEED, times), SEED), all_live(world, people, long_s, SEED)
        )
        await house.until_ready()
        counts = await reckoning.everybody_has_a_proven_outcome(world)
        await reckoning.reckon(world)
        assert counts["won"] + counts["missed"] == len(history.of("entry"))
        _a_crowd_took_part(world, people=len(people))
        reckoning.promises_hold(world)
    return killed


def _a_crowd_took_part(world: World, people: int) -> None:
    """The faults did not end the day: nearly everybody got through, and money moved."""
    counts = world.history.counts()
    assert counts["entry"] >= people * 9 // 10, (counts, world.history.gave_up)
    assert counts["redemption"] > 0, counts
    assert counts["refund"] > 0, counts


async def _day_is_closed(house: RealHouse) -> bool:
    connection = await asyncpg.connect(house.database_url)
    try:
        closed: bool = await connection.fetchval(
            """
            select closed_at is not null
                   and exists (select from job_runs
                                where name = 'end_day' and finished_at is not null)
              from config_days
             where day = $1
            """,
            DAY,
        )
        return closed
    finally:
        await connection.close()


async def after_midnight(house: RealHouse, history: History, out: Path) -> None:
    """The day is closed, its books balance, and a stranger can verify it."""
    await asyncio.to_thread(house.move_to, MIDNIGHT + timedelta(minutes=11))
    async with looked_after(house), world_of(house, history, DAY, seed=SEED) as world:
        await until(lambda: _day_is_closed(house), DAY_ENDS_S)
        reckoning.promises_hold(world)
        reckoning.day_verifies(world, out)


@pytest.mark.requirement("R3.2")
@pytest.mark.requirement("R1.3")
def test_whatever_is_killed_what_was_acknowledged_is_there_once_as_it_was_told(
    tmp_path: Path,
) -> None:
    long_s = float(os.environ.get("CHAOS_S", SHORT_S))
    with real_house(tmp_path / "house") as house:
        history = History(tmp_path / "history.jsonl")
        killed = asyncio.run(shaken_day(house, history, long_s))
        asyncio.run(after_midnight(house, history, tmp_path / CAMPAIGN))
        assert set(killed) == set(EVERYTHING)
        assert min(killed.values()) >= 2
        report = {"killed": killed, "told": history.counts(), "gave_up": history.gave_up}
        print(json.dumps(report))
