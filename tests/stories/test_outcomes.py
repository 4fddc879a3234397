"""What did I draw: answered from memory, held until it is there, as the tables say.  摇号结果"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from huiquan.db.connection import Database
from huiquan.domain.refusals import Refusal
from huiquan.domain.tokens import Door
from huiquan.jobs.rounds import drain
from huiquan.views import outcome_batches
from huiquan.views.outcomes import draws_of_person
from huiquan.web import campaign_outcomes, outcome_door, outcomes, recent_rounds, rush
from huiquan.web.callers import ConsumerCaller, read_claims
from huiquan.web.campaign_cache import CampaignCache
from huiquan.web.held_answers import HeldAnswers
from huiquan.web.outcome_door import OutcomeDoor
from huiquan.web.outcomes import Outcomes, ShownDraw, show
from huiquan.web.recent_entries import KEPT, RecentEntries
from huiquan.web.refusal_counts import RefusalCounts
from huiquan.web.rush import Knock
from huiquan.web.rush_answers import Answer
from huiquan.web.rush_refusals import RushRefusals
from tests.houses import bearer
from tests.stories.test_todays_draw import DrawHouse, draw_house, enter, enter_all, tap

DAY = 20260206


def caller_of(standing: DrawHouse, token: str) -> ConsumerCaller:
    """Who holds a token."""
    claims = read_claims(standing.house.app, f"Bearer {token}", Door.CONSUMER)
    assert not isinstance(claims, Refusal)
    return ConsumerCaller(
        campaign_id=claims.campaign_id, lane=claims.lane, pid=claims.who, device=claims.device
    )


async def young_process(standing: DrawHouse, kept: int = KEPT) -> Outcomes:
    """The outcomes of a web process that has just started, and keeps so many entries."""
    campaigns = CampaignCache(standing.house.app)
    await campaigns.refresh()
    return Outcomes(standing.house.app, campaigns, RecentEntries(kept))


async def asked(standing: DrawHouse, known: Outcomes, wait_s: float = 0) -> list[dict[str, Any]]:
    """What everyone is told by one process, all asking at once."""
    answers = await asyncio.gather(
        *(known.shown(caller_of(standing, token), DAY, wait_s) for token in standing.tokens)
    )
    return [msgspec.to_builtins(one) for one in answers if isinstance(one, ShownDraw)]


async def in_tables(standing: DrawHouse) -> list[dict[str, Any]]:
    """What the tables say about everyone, one after another."""
    told = []
    for token in standing.tokens:
        who = caller_of(standing, token)
        (one,) = await draws_of_person(standing.house.app, standing.campaign, who.lane, who.pid)
        told.append(msgspec.to_builtins(show(one)))
    return told


def get(standing: DrawHouse, token: str, wait_s: int) -> Any:
    """Ask for today's outcome and let the house hold the question."""
    address = f"/api/v1/draws/{DAY}"
    return standing.client.get(address, params={"wait": wait_s}, headers=bearer(token))


async def knock_to_enter(standing: DrawHouse, token: str) -> httpx.Response:
    """One tap, whatever is answered."""
    body = tap(standing.house)
    return await standing.client.post("/api/v1/draws", json=body, headers=bearer(token))


def count_reads(monkeypatch: pytest.MonkeyPatch, name: str) -> list[int]:
    """Notes how many keys each read of this name asked for."""
    real, counts = getattr(outcome_batches, name), []

    async def read(app: Any, campaign_id: int, keys: Sequence[Any]) -> Any:
        counts.append(len(keys))
        return await real(app, campaign_id, keys)

    monkeypatch.setattr(campaign_outcomes, name, read)
    return counts


@pytest.mark.requirement("R1.3")
async def test_a_question_is_held_until_its_round_is_final(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 30) as standing:
        await enter_all(standing)
        held = [asyncio.create_task(get(standing, token, 5)) for token in standing.tokens]
        await asyncio.sleep(0.2)
        assert not any(one.done() for one in held)
        assert await drain(standing.house.app, standing.campaign) > 0
        told: list[httpx.Response] = await asyncio.gather(*held)
        assert {one.status_code for one in told} == {200}
        assert {one.json()["state"] for one in told} == {"won", "missed"}
        assert [one.json() for one in told] == await in_tables(standing)


async def test_without_waiting_or_after_it_a_draw_is_pending(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 2) as standing:
        await enter_all(standing)
        for wait_s in (0, 1):
            told = await get(standing, standing.tokens[0], wait_s)
            assert told.json()["state"] == "pending"
        too_long = await get(standing, standing.tokens[0], outcomes.WAIT_MAX_S + 1)
        assert too_long.status_code == 400


async def test_when_too_many_wait_one_more_is_told_how_it_stands(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with draw_house(database, tmp_path, 8) as standing:
        await enter_all(standing)
        monkeypatch.setattr(campaign_outcomes, "HELD_MAX", 3)
        held = [asyncio.create_task(get(standing, token, 5)) for token in standing.tokens]
        done, waiting = await asyncio.wait(held, timeout=1)
        assert len(waiting) == 3
        assert {one.result().json()["state"] for one in done} == {"pending"}
        await drain(standing.house.app, standing.campaign)
        await asyncio.gather(*waiting)
        assert {one.result().json()["state"] for one in waiting} <= {"won", "missed"}


async def test_rounds_older_than_what_is_kept_are_read_from_the_tables(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_rounds, "KEPT_ROUNDS", 1)
    monkeypatch.setattr(recent_rounds, "KEPT_OF_A_LANE", 2)
    async with draw_house(database, tmp_path, 24) as standing:
        known = await young_process(standing)
        for token in standing.tokens:
            await enter(standing.house, standing.client, token)
            await drain(standing.house.app, standing.campaign)
            if token in standing.tokens[::5]:
                await known.shown(caller_of(standing, token), DAY, 0)
        expected = await in_tables(standing)
        assert await asked(standing, known) == expected
        assert await asked(standing, await young_process(standing)) == expected


async def test_who_did_not_enter_has_no_draw(database: Database, tmp_path: Path) -> None:
    async with draw_house(database, tmp_path, 1) as standing:
        told = await get(standing, standing.tokens[0], 5)
        assert (told.status_code, told.json()["code"]) == (404, "no_draw_that_day")


async def test_everyone_who_asks_at_once_shares_the_reads(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, won = (count_reads(monkeypatch, name) for name in ("entries_of", "vouchers_won"))
    async with draw_house(database, tmp_path, 40) as standing:
        await enter_all(standing)
        await drain(standing.house.app, standing.campaign)
        told = await asked(standing, await young_process(standing))
        wins = sum(one["state"] == "won" for one in told)
        assert 0 < wins < 40
        assert read == [40]
        assert sum(won) == wins
        assert len(won) <= 2


@pytest.mark.requirement("R1.3")
async def test_who_entered_here_is_known_without_reading_and_elsewhere_is_told_the_same(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = count_reads(monkeypatch, "entries_of")
    async with draw_house(database, tmp_path, 24) as standing:
        await enter_all(standing)
        pending = [await get(standing, token, 0) for token in standing.tokens]
        assert {one.json()["state"] for one in pending} == {"pending"}
        await drain(standing.house.app, standing.campaign)
        here = await asyncio.gather(*(get(standing, token, 0) for token in standing.tokens))
        assert read == []
        expected = await in_tables(standing)
        assert [one.json() for one in here] == expected
        elsewhere = await young_process(standing)
        assert await asked(standing, elsewhere) == expected
        assert await asked(standing, elsewhere) == expected
        assert read == [24]


async def test_a_process_that_keeps_hardly_anybody_tells_everyone_the_same(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 12) as standing:
        await enter_all(standing)
        known = await young_process(standing, kept=1)
        pending = await asked(standing, known)
        assert [one["state"] for one in pending] == ["pending"] * 12
        await drain(standing.house.app, standing.campaign)
        expected = await in_tables(standing)
        for _ in range(3):
            assert await asked(standing, known) == expected


async def test_who_was_refused_or_whose_batch_was_undone_is_not_known(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with draw_house(database, tmp_path, 2) as standing:

        async def undone(*_: Any) -> Any:
            raise ConnectionError

        with monkeypatch.context() as broken:
            broken.setattr(rush, "enter_draws", undone)
            told = await knock_to_enter(standing, standing.tokens[0])
            assert told.status_code == 503
        assert (await get(standing, standing.tokens[0], 0)).status_code == 404
        await enter(standing.house, standing.client, standing.tokens[1])
        async with standing.house.app.db.transaction() as tx:
            await tx.execute("update lanes set frozen_at = now(), frozen_reason = 'for a test'")
        assert (await knock_to_enter(standing, standing.tokens[0])).json()["code"] == "lane_frozen"
        assert (await get(standing, standing.tokens[0], 0)).status_code == 404
        assert (await get(standing, standing.tokens[1], 0)).json()["state"] == "pending"


async def knock(door: OutcomeDoor, line: bytes, token: str) -> Answer:
    """Ask as the rush protocol does, without a socket."""
    answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    door.knock(Knock(line, f"Bearer {token}", b"", None), answer.set_result)
    return await answer


@pytest.mark.requirement("R1.3")
async def test_the_door_of_the_rush_tells_what_the_site_tells(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 12) as standing:
        await enter_all(standing)
        app = standing.house.app
        refusals = RushRefusals(RefusalCounts(app.clock), HeldAnswers())
        door = OutcomeDoor(app, await young_process(standing), refusals)
        line = b"GET /api/v1/draws/%d" % DAY
        held = [
            asyncio.create_task(knock(door, line + b"?wait=5", token)) for token in standing.tokens
        ]
        assert await drain(app, standing.campaign) > 0
        told = [await one for one in held]
        site = [await get(standing, token, 0) for token in standing.tokens]
        assert [msgspec.json.decode(one.body) for one in told] == [one.json() for one in site]
        assert {one.status for one in told} == {200}
        assert (await knock(door, line, "somebody else")).status == 401
        no_draw = await knock(door, b"GET /api/v1/draws/20260301", standing.tokens[0])
        assert (no_draw.status, msgspec.json.decode(no_draw.body)["code"]) == (
            404,
            "no_draw_that_day",
        )


LINES = [
    (b"GET /api/v1/draws/20260206", True),
    (b"GET /api/v1/draws/20260206?wait=0", True),
    (b"GET /api/v1/draws/20260206?wait=5", True),
    (b"GET /api/v1/draws/20260206?wait=6", False),
    (b"GET /api/v1/draws/20260206?wait=", False),
    (b"GET /api/v1/draws/20260206?x=1", False),
    (b"GET /api/v1/draws/00260206", False),
    (b"GET /api/v1/draws/202602061", False),
    (b"GET /api/v1/draws/20260206/receipt", False),
    (b"GET /api/v1/draws", False),
    (b"HEAD /api/v1/draws/20260206", False),
]


@pytest.mark.parametrize(("line", "is_taken"), LINES)
def test_only_the_plain_question_is_answered_before_the_site(line: bytes, is_taken: bool) -> None:
    assert (outcome_door.LINE.fullmatch(line) is not None) == is_taken


async def test_a_fault_reaches_all_who_asked_and_the_next_are_answered(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with draw_house(database, tmp_path, 4) as standing:
        await enter_all(standing)

        async def away(*_: Any) -> Any:
            raise ConnectionError

        known = await young_process(standing)
        with monkeypatch.context() as broken:
            broken.setattr(campaign_outcomes, "entries_of", away)
            faults = await asyncio.gather(asked(standing, known), return_exceptions=True)
            assert isinstance(faults[0], ConnectionError)
        held = asyncio.create_task(asked(standing, known, 5))
        await asyncio.sleep(0.2)
        with monkeypatch.context() as broken:
            broken.setattr(recent_rounds, "finals_after", away)
            with pytest.raises(ConnectionError):
                await held
        await drain(standing.house.app, standing.campaign)
        assert await asked(standing, known) == await in_tables(standing)


async def test_who_goes_away_while_held_is_no_longer_waited_for(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 2) as standing:
        await enter_all(standing)
        known = await young_process(standing)
        leaves, stays = (
            asyncio.create_task(known.shown(caller_of(standing, token), DAY, 5))
            for token in standing.tokens
        )
        await asyncio.sleep(0.2)
        leaves.cancel()
        await drain(standing.house.app, standing.campaign)
        told = await stays
        assert isinstance(told, ShownDraw)
        assert told.state in ("won", "missed")


async def test_no_more_may_ask_than_can_be_answered(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with draw_house(database, tmp_path, 4) as standing:
        monkeypatch.setattr(campaign_outcomes, "ASKED_MAX", 1)
        known = await young_process(standing)
        told = await asyncio.gather(
            *(known.shown(caller_of(standing, token), DAY, 0) for token in standing.tokens)
        )
        assert told == [Refusal.NO_DRAW_THAT_DAY, *[Refusal.BUSY] * 3]
