"""Who may approve a closing: two people, and the platform never alone."""

import pytest

from huiquan.actions.approve_closing import ClosingApproved, approve_closing
from huiquan.actions.open_closing import open_closing
from huiquan.db.connection import Database
from huiquan.domain.refusals import Refusal
from huiquan.jobs.tasks import end_day
from simulation.paying import two_payers
from tests.actions.test_fund import end_draws, money_is_true, small_campaign, staff_of
from tests.houses import CAMPAIGN


@pytest.mark.requirement("R2.4")
async def test_one_of_the_two_who_close_is_of_the_department(database: Database) -> None:
    house, _ = await small_campaign(database)
    people = await two_payers(house.app)
    (other,) = await staff_of(house, "li")
    async with house.app.db.transaction() as tx:
        await tx.execute("update staff set role = 'operator' where staff_id = $1", other)
    await end_draws(house)
    house.clock.now = house.clock.now.replace(month=4, day=2)
    await end_day(house.app)
    assert await open_closing(house.app, CAMPAIGN, other) == 1
    waits = await approve_closing(house.app, CAMPAIGN, other)
    assert waits == ClosingApproved(names=("li",), is_final=False)
    alone = await approve_closing(house.app, CAMPAIGN, people.operator)
    assert alone is Refusal.SUPERVISOR_NEEDED
    assert await approve_closing(house.app, CAMPAIGN, 9_999) is Refusal.FORBIDDEN
    done = await approve_closing(house.app, CAMPAIGN, people.supervisor)
    assert isinstance(done, ClosingApproved)
    assert done.is_final
    await money_is_true(house)
