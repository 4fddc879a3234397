"""When signers fail, lanes wait with their seals; what is drawn later is the same.  故障"""

from collections import Counter

import pytest

from huiquan.db.connection import Database, open_database
from huiquan.jobs import rounds as loop
from tests.conftest import TEMPLATE
from tests.databases import Server, copy_of
from tests.rounds import (
    ROUND_MAX,
    Crowd,
    Mood,
    crowd,
    drawn,
    rounds_running,
    unhurried,
    until_drawn,
)

PEOPLE = 300

MOODS: dict[str, tuple[Mood, Mood]] = {
    "the notary is away at first": (lambda n: "away" if n < 9 else "", lambda _: ""),
    "the auditor is away again and again": (lambda _: "", lambda n: "away" if n % 3 else ""),
    "answers are lost": (lambda n: "cut" if n % 2 else "", lambda n: "cut" if n % 3 else ""),
    "a proof is wrong": (lambda n: "wrong" if n % 2 else "", lambda n: "wrong" if n % 4 else ""),
    "a proof is of another round": (
        lambda n: "other" if n % 2 else "",
        lambda n: "other" if n % 3 else "",
    ),
}


@pytest.mark.requirement("R5.1")
async def test_whatever_fails_the_day_is_drawn_as_if_nothing_had(
    postgres: Server, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    unhurried(monkeypatch)
    calm = await crowd(database, PEOPLE)
    async with rounds_running(calm.house):
        await until_drawn(calm.house)
    expected = await drawn(calm.house)
    assert len(expected[0]) > 3 * 4, "several rounds in each lane"
    for name, moods in MOODS.items():
        other = await open_database(copy_of(postgres, TEMPLATE, "failing"))
        failing = await crowd(other, PEOPLE)
        failing.notary.mood, failing.auditor.mood = moods
        async with rounds_running(failing.house):
            await until_drawn(failing.house)
        assert await drawn(failing.house) == expected, name
        assert failing.notary.asked + failing.auditor.asked > len(expected[0]) * 2, name
        await other.close()


async def test_while_a_signer_is_away_one_seal_a_lane_waits_and_entries_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    unhurried(monkeypatch)
    standing = await crowd(database, PEOPLE)
    standing.auditor.mood = lambda _: "away"
    async with rounds_running(standing.house):
        while standing.auditor.asked < 20:
            await until_asked(standing, standing.auditor.asked + 1)
        async with standing.house.app.db.reading() as tx:
            sealed = await tx.fetch(
                "select lane, count(*) n, max(state) state from rounds group by lane"
            )
        assert {(row["n"], row["state"]) for row in sealed} == {(1, "sealed")}
        # The notary was asked for the same seal again and again, one of each lane.
        assert len(set(standing.notary.seals)) == len(sealed)
        standing.auditor.mood = lambda _: ""
        await until_drawn(standing.house)
    finals, _ = await drawn(standing.house)
    order = Counter(lane for lane, *_ in finals)
    assert all(
        [seq for number, seq, *_ in finals if number == lane] == list(range(count))
        for lane, count in order.items()
    )


async def until_asked(standing: Crowd, times: int) -> None:
    """Wait until the auditor was asked so often."""
    while standing.auditor.asked < times:
        await loop.asyncio.sleep(0.01)


async def test_a_backlog_is_drawn_without_a_pause_between_full_rounds(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop looks once an hour here: one look is enough for a lane's whole backlog."""
    standing = await crowd(database, PEOPLE)
    turns = 0
    real = loop.lanes_waiting

    async def counted(*asked: object) -> list[int]:
        nonlocal turns
        turns += 1
        return await real(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "lanes_waiting", counted)
    state = loop.Rounds(app=standing.house.app, campaigns=[standing.campaign])
    state.watch.compared.add(standing.campaign.campaign_id)
    stop = loop.asyncio.Event()
    await loop._turn(state, standing.campaign, stop)
    await loop.asyncio.gather(*state.working.values())
    finals, _ = await drawn(standing.house)
    assert turns == 1
    async with standing.house.app.db.reading() as tx:
        left = await tx.fetch("select next_idx - final_idx as left from lanes")
    assert all(row["left"] < ROUND_MAX for row in left)
    assert len(finals) > 8
