"""The deed is done and the answer is lost: whoever asks again gets it, and nothing is done twice.

F3. The line is cut between the commit and its answer, at PostgreSQL and at the web process.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from huiquan.cli.processes import Processes
from huiquan.settings import write_settings
from simulation.consumer import Consumer
from tests.chaos import reckoning
from tests.chaos.crowd import World, all_live, people_of, world_of
from tests.chaos.house import RealHouse, real_house
from tests.signers import free_port
from torture.history import History
from torture.lines import Line, Way, open_line

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("real-house")]

DAY = 20260206
PEOPLE = 40
OVER_S = 8
SHARE = 0.25
CUTS_AT_LEAST = 20


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHouse]:
    """One house for the tests of this file; its people differ from test to test."""
    with real_house(tmp_path_factory.mktemp("lost") / "house") as running:
        yield running


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """What the people of all tests of this file were told."""
    return History(tmp_path_factory.mktemp("history") / "history.jsonl")


async def _day_with_lost_answers(world: World, seed: int) -> None:
    people = people_of(seed, PEOPLE)
    await all_live(world, people, OVER_S, seed)
    await reckoning.everybody_has_a_proven_outcome(world)
    await reckoning.reckon(world)
    assert world.history.gave_up == {}
    mine = {consumer.key("draw", DAY) for consumer in world.consumers.values()}
    assert len(mine & set(world.history.of("entry"))) == PEOPLE
    assert all(one.process.poll() is None for one in world.house.processes.children)


async def _codes_arrive(world: World, seed: int) -> None:
    """Everybody has a code on the phone: one whose commit is in doubt is not sent for a minute."""
    for person in people_of(seed, PEOPLE):
        consumer = world.consumers[person.number] = Consumer(person, world.street)
        code = await consumer.receive_code(person.phone)
        assert isinstance(code, str), code
        consumer.unused_codes[person.phone] = code


async def test_a_commit_whose_answer_is_lost_is_found_again_by_its_key(
    house: RealHouse, history: History, tmp_path: Path
) -> None:
    socket = f"{house.settings.home / 'postgres'}/.s.PGSQL.5432"

    async def to_postgres() -> Way:
        return await asyncio.open_unix_connection(socket)

    line = Line(name="database", ways=[to_postgres], cues=(b"COMMIT;",), dice=Random(1))
    async with open_line(line):
        address = f"postgresql://postgres@127.0.0.1:{line.port}/huiquan"
        settings = replace(house.settings, database_url=address, web_port=free_port())
        processes = Processes(logs=tmp_path / "logs", environment=write_settings(settings))
        url = f"http://127.0.0.1:{settings.web_port}"
        words = ["-m", "huiquan.cli.serving", "web"]
        try:
            await asyncio.to_thread(
                processes.start, "web", words, ready_url=f"{url}/healthz", wait_s=60
            )
            async with world_of(house, history, DAY, seed=11, url=url) as world:
                await _codes_arrive(world, 11)
                line.after = SHARE
                await _day_with_lost_answers(world, 11)
            assert processes.children[0].process.poll() is None
        finally:
            line.after = 0.0
            await asyncio.to_thread(processes.stop)
    assert line.fired["cut_after"] >= CUTS_AT_LEAST
    assert house.command("check", "--quick").returncode == 0


async def test_an_answer_that_never_reached_the_phone_is_given_again(
    house: RealHouse, history: History
) -> None:
    async def to_web() -> Way:
        return await asyncio.open_connection("127.0.0.1", house.settings.web_port)

    line = Line(name="web", ways=[to_web], cues=(b"POST /api/",), dice=Random(1), after=SHARE)
    async with (
        open_line(line),
        world_of(house, history, DAY, seed=12, url=f"http://127.0.0.1:{line.port}") as world,
    ):
        await _day_with_lost_answers(world, 12)
    assert line.fired["cut_after"] >= CUTS_AT_LEAST
    assert house.command("check", "--quick").returncode == 0
