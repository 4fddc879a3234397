"""What is kept of the figures: right wherever the marks stand, and held against the books."""

import random
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from huiquan.actions.count_fund import count_fund
from huiquan.db import checks, figure_steps, fund_cells, fund_counts
from huiquan.views.figures import Figures, figures
from tests.houses import CAMPAIGN, House
from tests.shops import WUHAN, YICHANG
from tests.views.test_figures import Recount, days_until

ADDS_UP = "i37_figures_add_up"
OTHERS = {one.name for one in checks.every_check()} - {ADDS_UP}
DAYS = range(20260206, 20260212)
TABLES = ("vouchers", "redemptions", "refunds", "entries")


async def recounted(house: House) -> Recount:
    async with house.app.db.reading() as tx:
        return Recount({name: await tx.fetch(f"select * from {name}") for name in TABLES})


async def counted_twice(house: House, again: Recount, day: int, city: str | None) -> None:
    """All that was until a day, and the curve of two weeks, are the second count's."""
    told = await figures(house.app, 1, day, city)
    assert isinstance(told, Figures)
    where = {"city": city} if city else {}
    assert told.cumulative == again.nine(days_until(day), **where)
    for one in told.trend:
        nine = again.nine([one.day], **where)
        assert (one.issued_fen, one.redeemed_fen) == (nine.issued_fen, nine.redeemed_fen)


async def not_kept(tx: Any, house: House, since: dict[str, Any] | None = None) -> list[str]:
    failed = await checks.run_all(tx, house.clock.now, resting=OTHERS, since=since)
    return [one.name for one in failed]


@pytest.mark.requirement("R2.8")
@pytest.mark.parametrize("seed", [1, 2])
async def test_what_was_until_a_day_is_right_wherever_the_marks_stand(
    season: tuple[str, House], seed: int
) -> None:
    _, house = season
    dice, again = random.Random(seed), await recounted(house)
    for _ in range(8):
        async with house.app.db.transaction() as tx:
            await count_some(tx, dice)
        await counted_twice(house, again, dice.choice(DAYS), dice.choice((None, WUHAN, YICHANG)))
    async with house.app.db.reading() as tx:
        assert await not_kept(tx, house) == []
    assert isinstance(await count_fund(house.app, CAMPAIGN, transfers_at_once=11), int)
    async with house.app.db.reading() as tx:
        assert await figure_steps.newer(tx, 1) == figure_steps.Steps(steps=[], sales=[])
        assert await not_kept(tx, house) == []
    for day, city in ((DAYS[-1], None), (DAYS[2], WUHAN)):
        await counted_twice(house, again, day, city)


VOID_FIRST_WINS = """
    update vouchers v
       set state = 'expired',
           valid_from = '2026-01-01 00:00+00',
           valid_until = issued_at
     where (lane, campaign_id, pid, day) in (select lane, campaign_id, pid, min(day)
                                               from vouchers
                                              group by lane, campaign_id, pid
                                             having count(*) > 1)
       and state in ('held', 'expired')
       and not exists (select
                         from redemptions r
                        where (r.lane, r.campaign_id, r.idx) = (v.lane, v.campaign_id, v.idx))
"""


@pytest.mark.requirement("R2.8")
async def test_a_voided_win_is_issued_to_nobody_and_its_person_holds_from_the_next_on(
    season: tuple[str, House],
) -> None:
    url, house = season
    before = await figures(house.app, 1, DAYS[-1])
    owner = await asyncpg.connect(url)
    voided = int((await owner.execute(VOID_FIRST_WINS)).split()[1])
    await owner.close()
    after = await figures(house.app, 1, DAYS[-1])
    assert isinstance(before, Figures)
    assert isinstance(after, Figures)
    assert after.cumulative.issued_count == before.cumulative.issued_count - voided
    assert voided > 0
    assert after.cumulative.holder_count == before.cumulative.holder_count
    again = await recounted(house)
    for day in DAYS:
        await counted_twice(house, again, day, None)
    assert isinstance(await count_fund(house.app, CAMPAIGN), int)
    for day, city in ((DAYS[0], WUHAN), (DAYS[2], None), (DAYS[-1], YICHANG)):
        await counted_twice(house, again, day, city)
    async with house.app.db.reading() as tx:
        assert await not_kept(tx, house) == []


async def count_some(tx: asyncpg.Connection, dice: random.Random) -> None:
    """Count a part of one book, its cells and its figures."""
    lane = dice.choice([mark.lane for mark in await fund_cells.marks(tx, 1)])
    mark = await fund_counts.hold_mark(tx, 1, lane)
    until = dice.randint(mark.counted_no, mark.next_no)
    part, at = (1, lane, mark.counted_no, until), await tx.fetchval("select now()")
    await fund_counts.add(tx, 1, await fund_cells.booked(tx, *part), at)
    await figure_steps.add(tx, 1, await figure_steps.booked(tx, *part), at)
    await fund_counts.move_mark(tx, 1, mark, until)


LIES = (
    "update figure_steps set holder_count = holder_count - 1 where holder_count > 0",
    "update figure_steps set city_redeemer_count = city_redeemer_count + 1",
    "update figure_steps set city = '420300' where city = '420100'",
    "update figure_steps set refunded_fen = refunded_fen + 1",
    "delete from figure_steps where issued_count > 0",
    "update figure_merchants set first_day = first_day + 1",
    "delete from figure_merchants",
    "update fund_marks set counted_no = counted_no / 2 where lane = 0",
)


async def test_figures_that_somebody_changed_are_seen(season: tuple[str, House]) -> None:
    url, house = season
    assert isinstance(await count_fund(house.app, CAMPAIGN), int)
    owner = await asyncpg.connect(url)
    for lie in LIES:
        told = owner.transaction()
        await told.start()
        assert not (await owner.execute(lie)).endswith(" 0")
        assert await not_kept(owner, house) == [ADDS_UP], lie
        since = {ADDS_UP: house.clock.now - timedelta(days=9)}
        assert await not_kept(owner, house, since) == [ADDS_UP], lie
        await told.rollback()
    async with owner.transaction():
        assert await not_kept(owner, house) == []
    await owner.close()
