"""The flows at both ends of the fund: a draw that sets money aside, and the return of the rest."""

import tempfile
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from huiquan.actions.approve_closing import ClosingApproved, approve_closing
from huiquan.actions.close_case import close_case
from huiquan.actions.count_fund import count_fund
from huiquan.actions.import_bill import BillSent, BillTaken, import_bill
from huiquan.actions.issue_list import issue_list
from huiquan.actions.log_rounds import log_rounds
from huiquan.actions.open_closing import open_closing
from huiquan.actions.return_share import return_share
from huiquan.actions.take_bank_answers import AnswersTaken, take_bank_answers
from huiquan.db.campaign_state import load_campaign
from huiquan.domain.campaigns import Campaign
from huiquan.domain.cases import Cause, Closing
from huiquan.domain.days import SHANGHAI
from huiquan.jobs.rounds import tend_lane
from huiquan.jobs.tasks import end_day
from huiquan.views.fund_money import closing_of
from simulation.bill_facts import Fact
from simulation.bill_shapes import SHAPES
from simulation.paying import not_paid, payments_in, send_file
from tests.draining import let_enter
from tests.drawn import Place, wind_up
from tests.kills.flow import Flow
from tests.kills.till_flows import a_settled_sale, code_of, half_back
from tests.lists import CODE, DAY, PUBLICITY_OVER, list_house
from tests.reconciliation.bills import ACCOUNT, bank_facts_of

SIGNED_UP = 12


async def _entered(place: Place) -> tuple[Campaign, int]:
    """Those of one lane who had stayed away enter; nobody has sealed them."""
    place.house.clock.move(minutes=30)
    lane, people = max(place.drawn.late.items(), key=lambda one: len(one[1]))
    assert await let_enter(place.house, place.campaign, {lane: people}) == len(people)
    async with place.house.app.db.reading() as tx:
        current = await load_campaign(tx, code_of(place))
    assert current is not None
    return current, lane


async def _published(place: Place) -> None:
    """Another campaign draws a list; it is published, and nobody objected in time."""
    with tempfile.TemporaryDirectory() as folder:
        async with list_house(place.house.app.db, Path(folder), SIGNED_UP) as standing:
            sealed = await standing.seal()
            for role in ("notary", "auditor"):
                standing.hold(role, sealed)
            await standing.publish(sealed)
            await log_rounds(standing.house.app, standing.campaign.campaign_id)
    place.house.clock.now = PUBLICITY_OVER


async def _over(place: Place) -> None:
    """The campaign is over and nobody is owed anything; one of two people has agreed to close."""
    last_day = place.campaign.rulebook_at(place.house.clock.now).ends_on
    place.house.clock.now = datetime.combine(last_day + timedelta(days=1), time(0, 10), SHANGHAI)
    await end_day(place.house.app)
    people = place.drawn.payers
    number = await open_closing(place.house.app, code_of(place), people.operator)
    assert isinstance(number, int), (await closing_of(place.house.app, code_of(place)), number)
    await approve_closing(place.house.app, code_of(place), people.operator)


async def _approve(place: Place, _: Any) -> Any:
    return await approve_closing(place.house.app, code_of(place), place.drawn.payers.supervisor)


async def _agreed(place: Place) -> tuple[int, int]:
    """Both have agreed; gives a tranche and what of it goes back."""
    await _over(place)
    assert isinstance(await _approve(place, None), ClosingApproved)
    seen = await closing_of(place.house.app, code_of(place))
    share = seen.shares[0]  # type: ignore[union-attr]
    return share.tranche_no, share.amount_fen


async def _paid_after_all(place: Place) -> int:
    """The bank said that it did not pay, and its statement shows that it did; one has said so."""
    app = place.house.app
    await a_settled_sale(place)
    file = await send_file(app, code_of(place), place.drawn.payers)
    assert file is not None
    (line,) = await payments_in(app, file.file_id)
    taken = await take_bank_answers(app, file.file_id, [not_paid(line)], "bank")
    assert isinstance(taken, AnswersTaken), taken
    at = place.house.clock.now
    debit = Fact(
        kind="out", ref=line.ref, serial="S-1", amount_fen=-line.amount_fen, at=at, day=at.date()
    )
    facts = [*await bank_facts_of(place.owner), debit]
    place.house.clock.move(days=1)
    statement = BillSent(
        campaign=code_of(place),
        source=ACCOUNT.name,
        mapping="icbc-csv",
        day=None,
        raw=SHAPES["icbc-csv"](facts),
    )
    assert isinstance(await import_bill(app, statement, "test"), BillTaken)
    await wind_up(place)
    case_id: int = await place.owner.fetchval(
        "select case_id from cases where ref = $1 and state = 'open'", line.ref
    )
    said = await _confirm(place, case_id, "payer")
    assert isinstance(said, Closing), said
    assert not said.is_final
    return case_id


async def _confirm(place: Place, case_id: int, by: str = "approver") -> Any:
    why = "the bank was asked and says in writing that it was paid"
    return await close_case(place.house.app, case_id, Cause.PAID_AFTER_ALL, why, by)


FUND_FLOWS = (
    Flow(
        name="seal, sign and draw a round",
        prepare=_entered,
        ask=lambda place, given: tend_lane(place.house.app, *given),
        is_alike=False,
    ),
    Flow(
        name="issue a list",
        prepare=_published,
        ask=lambda place, _: issue_list(place.house.app, CODE, DAY),
        is_alike=False,
    ),
    Flow(
        name="count the fund",
        prepare=half_back,
        ask=lambda place, _: count_fund(place.house.app, code_of(place)),
        is_alike=False,
    ),
    Flow(name="paid after all", prepare=_paid_after_all, ask=_confirm, is_alike=False),
    Flow(name="approve a closing", prepare=_over, ask=_approve, is_alike=False),
    Flow(
        name="return a share",
        prepare=_agreed,
        ask=lambda place, given: return_share(
            place.house.app, code_of(place), *given, "BACK-1", "test"
        ),
    ),
)
