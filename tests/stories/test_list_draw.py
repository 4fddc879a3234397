"""A list from sign-up on: sealed, drawn by the notary, published, issued.  名单摇号全程"""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from huiquan.actions.count_fund import count_fund
from huiquan.actions.decide_objection import decide_objection
from huiquan.actions.file_objection import Filing, file_objection
from huiquan.actions.import_list import import_list
from huiquan.actions.issue_list import ListIssued, issue_list
from huiquan.actions.run_checks import run_checks
from huiquan.actions.seal_list import seal_list
from huiquan.db.connection import Database
from huiquan.db.ledger import fund
from huiquan.db.migrate import MIGRATIONS
from huiquan.domain.lists import Decided, Verdict
from huiquan.domain.refusals import Refusal
from huiquan.jobs.rounds import drain
from huiquan.views.figures import Figures, figures
from huiquan.views.lists import ListView, list_of_day
from tests.lists import CODE, DAY, DRAW, PUBLICITY_OVER, ListHouse, list_house

PEOPLE = 40
COUNT_ANEW = MIGRATIONS / "0028_voided_wins.sql"


async def states_of(standing: ListHouse) -> Counter[str]:
    """How many people are told which state."""
    return Counter(one["state"] for one in await standing.draws())


async def drawn_and_published(standing: ListHouse) -> ListView:
    """Seal, both ceremonies, import."""
    folder = await standing.seal()
    standing.hold("notary", folder)
    standing.hold("auditor", folder)
    await standing.publish(folder)
    shown = await list_of_day(standing.house.app, CODE, DAY)
    assert isinstance(shown, ListView)
    return shown


async def assert_every_promise_holds(standing: ListHouse) -> None:
    run = await run_checks(standing.house.app, recount=True)
    timely = [one for one in run.failed if not one.name.startswith("i32")]
    assert timely == [], timely


async def counted_as_issued(standing: ListHouse) -> tuple[int, int]:
    """What the day's figures and those so far call issued, in vouchers (and persons) and fen."""
    told = await figures(standing.house.app, standing.campaign.campaign_id)
    assert isinstance(told, Figures)
    assert told.cumulative == told.total
    assert told.total.holder_count == told.total.issued_count
    return told.total.issued_count, told.total.issued_fen


@pytest.mark.requirement("R5.1")
async def test_people_see_signed_up_then_published_then_won_or_missed(
    database: Database, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        app = standing.house.app
        assert await states_of(standing) == {"listed": PEOPLE}
        asked = f"/api/v1/now?campaign={standing.campaign.campaign_id}"
        assert (await standing.client.get(asked)).json()["mode"] == "list"
        assert await drain(app, standing.campaign) == 0, "the loop draws no list"
        shown = await drawn_and_published(standing)
        won = len(shown.wins)
        assert 0 < won < PEOPLE
        assert await states_of(standing) == {"publicity": won, "missed": PEOPLE - won}
        await assert_every_promise_holds(standing)
        async with app.db.reading() as tx:
            assert await tx.fetchval("select count(*) from vouchers") == 0
        assert await issue_list(app, CODE, DAY) is Refusal.OBJECTIONS_RUNNING
        standing.house.clock.now = PUBLICITY_OVER
        assert await issue_list(app, CODE, DAY) == ListIssued(issued=won, voided=0)
        assert await issue_list(app, CODE, DAY) is None
        assert await states_of(standing) == {"won": won, "missed": PEOPLE - won}
        await assert_every_promise_holds(standing)


@pytest.mark.requirement("R5.1")
async def test_an_upheld_objection_ends_one_win_and_its_money_goes_back(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        app = standing.house.app
        shown = await drawn_and_published(standing)
        first, second = shown.wins[0], shown.wins[1]
        filing = Filing(day=DAY, idx=first.idx, filed_by="李四 027-1", grounds="员工参与")
        taken = await file_objection(app, CODE, filing, "staff:1")
        other = Filing(day=DAY, idx=second.idx, filed_by="李四 027-1", grounds="重复")
        dismissed = await file_objection(app, CODE, other, "staff:1")
        assert isinstance(taken, int)
        assert isinstance(dismissed, int)
        standing.house.clock.now = PUBLICITY_OVER
        assert await issue_list(app, CODE, DAY) is Refusal.OBJECTIONS_OPEN
        for number, verdict in ((taken, Verdict.UPHELD), (dismissed, Verdict.DISMISSED)):
            one = await decide_objection(app, number, verdict, "经核实", "staff:1")
            assert isinstance(one, Decided)
            assert not one.is_final
            again = await decide_objection(app, number, verdict, "经核实", "staff:1")
            assert again is Refusal.SAME_PERSON
            two = await decide_objection(app, number, verdict, "经核实", "staff:2")
            assert isinstance(two, Decided)
            assert two.is_final
        issued = await issue_list(app, CODE, DAY)
        assert issued == ListIssued(issued=len(shown.wins) - 1, voided=1)
        assert await states_of(standing) == {
            "won": len(shown.wins) - 1,
            "voided": 1,
            "missed": PEOPLE - len(shown.wins),
        }
        async with app.db.reading() as tx:
            stands = await fund(tx, standing.campaign.campaign_id)
            told = await tx.fetchval("select count(*) from outbox where kind = 'won'")
        assert stands.returned_fen == first.face_fen
        assert told == len(shown.wins) - 1
        again_shown = await list_of_day(app, CODE, DAY)
        assert isinstance(again_shown, ListView)
        assert [one.voided for one in again_shown.wins if one.idx == first.idx] == ["经核实"]
        issued_fen = sum(one.face_fen for one in shown.wins) - first.face_fen
        assert await counted_as_issued(standing) == (len(shown.wins) - 1, issued_fen)
        counted = await count_fund(app, CODE)
        assert await counted_as_issued(standing) == (len(shown.wins) - 1, issued_fen)
        owner = await asyncpg.connect(database_url)
        await owner.execute(COUNT_ANEW.read_text())
        await owner.close()
        assert await count_fund(app, CODE) == counted, "after an upgrade all of it is counted anew"
        assert await counted_as_issued(standing) == (len(shown.wins) - 1, issued_fen)
        await assert_every_promise_holds(standing)


async def test_two_people_who_disagree_must_talk(database: Database, tmp_path: Path) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        app = standing.house.app
        shown = await drawn_and_published(standing)
        filing = Filing(day=DAY, idx=shown.wins[0].idx, filed_by="李四", grounds="员工参与")
        number = await file_objection(app, CODE, filing, "staff:1")
        assert isinstance(number, int)
        await decide_objection(app, number, Verdict.UPHELD, "属实", "staff:1")
        second = await decide_objection(app, number, Verdict.DISMISSED, "不实", "staff:2")
        assert second is Refusal.DECISIONS_DIFFER
        assert isinstance(
            await decide_objection(app, number, Verdict.UPHELD, "属实", "staff:2"), Decided
        )
        closed = await decide_objection(app, number, Verdict.UPHELD, "属实", "staff:3")
        assert closed is Refusal.OBJECTION_DECIDED


async def test_objections_are_to_wins_and_in_time(database: Database, tmp_path: Path) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        app = standing.house.app
        early = Filing(day=DAY, idx=0, filed_by="李四", grounds="x")
        assert await file_objection(app, CODE, early, "s") is Refusal.LIST_NOT_PUBLISHED
        shown = await drawn_and_published(standing)
        missed = next(n for n in range(PEOPLE) if n not in {one.idx for one in shown.wins})
        filing = Filing(day=DAY, idx=missed, filed_by="李四", grounds="x")
        assert await file_objection(app, CODE, filing, "s") is Refusal.UNKNOWN_WIN
        nobody = Filing(day=DAY, idx=999, filed_by="李四", grounds="x")
        assert await file_objection(app, CODE, nobody, "s") is Refusal.UNKNOWN_WIN
        standing.house.clock.now = PUBLICITY_OVER
        late = Filing(day=DAY, idx=shown.wins[0].idx, filed_by="李四", grounds="x")
        assert await file_objection(app, CODE, late, "s") is Refusal.OBJECTIONS_CLOSED


async def test_a_list_is_sealed_once_and_only_after_sign_up(
    database: Database, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, 3) as standing:
        app = standing.house.app
        assert await seal_list(app, CODE, DAY) is Refusal.LIST_STILL_OPEN
        assert await import_list(app, CODE, DAY, {}, "s") is Refusal.LIST_NOT_SEALED
        assert await seal_list(app, CODE, 20251128) is Refusal.NO_DRAW_THAT_DAY
        standing.house.clock.now = DRAW
        first = await seal_list(app, CODE, DAY)
        standing.house.clock.now = DRAW + timedelta(hours=1)
        assert await seal_list(app, CODE, DAY) == first
