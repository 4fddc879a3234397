"""Matching money against a second count, made from whole redemptions in Python."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from huiquan.actions.count_fund import count_fund
from huiquan.actions.pledge_matching import pledge_matching
from huiquan.actions.settle_day import DaySettled, settle_day
from huiquan.db import checks, fund_cells, fund_counts, matching
from huiquan.db.connection import Database, open_database
from huiquan.domain.campaigns import Campaign
from huiquan.domain.offers import Funder, Offer
from huiquan.domain.redemptions import Redemption
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from huiquan.views.fund_money import match, matching_of
from tests.actions.test_fund import small_campaign
from tests.actions.tills import fresh, lock, redeem, refund
from tests.houses import CAMPAIGN, House, make_house, publish, source_of_2026
from tests.shops import Shop, Winner, shop, winner

ADDS_UP = "i37_matching_money_adds_up"
OTHERS = {one.name for one in checks.every_check()} - {ADDS_UP}
RETURNS = ('refund_policy = "money_pro_rata"', 'refund_policy = "voucher_back_if_full_else_pool"')
Side = tuple[str, int]


@dataclass(kw_only=True)
class Trade:
    """Shops that sell with offers and take goods back, by dice."""

    house: House
    campaign: Campaign
    shops: list[Shop]
    dice: random.Random
    people: list[Winner] = field(default_factory=list)
    sold: list[tuple[Shop, Redemption]] = field(default_factory=list)

    async def sell(self) -> None:
        """One order; nine in ten have offers, some of both sides, some two of one."""
        who = await winner(self.house, self.campaign, lane=self.dice.randrange(3))
        await self.sell_to(who)

    async def sell_to(self, who: Winner) -> None:
        """One order of somebody who holds a voucher."""
        at = self.dice.choice(self.shops)
        some = self.dice.choices(list(Funder), k=self.dice.choice((0, 1, 1, 2, 3)))
        offers = tuple(
            Offer(funder=funder, name="满减", amount_fen=self.dice.randrange(1, 9_000))
            for funder in some
        )
        code = await fresh(self.house, who)
        taken = await lock(
            self.house, at, code.digits, 130_000 + self.dice.randrange(50_000), offers=offers
        )
        assert not isinstance(taken, Refusal), taken
        paid = await redeem(self.house, at, taken.lock_id)
        assert isinstance(paid, Redemption)
        self.sold.append((at, paid))
        self.people.append(who)

    async def take_back(self) -> None:
        """Some goods of some order, so little at times that the fund's part is nothing."""
        at, paid = self.dice.choice(self.sold)
        net_fen = paid.quote.net_fen
        goods_fen = self.dice.choice((1, 2, net_fen // 7, net_fen // 3, net_fen))
        back = await refund(self.house, at, paid.redemption_id, goods_fen)
        if isinstance(back, Refund) and back.voucher_returns:
            await self.sell_to(self.people[self.sold.index((at, paid))])

    async def some(self, times: int) -> None:
        """Sales and goods that come back, in any order."""
        await self.sell()
        for _ in range(times):
            await self.dice.choice((self.sell, self.take_back, self.take_back))()


async def trade(database: Database, seed: int, *changes: tuple[str, str]) -> Trade:
    """A campaign with two merchants."""
    house = make_house(database)
    campaign = await publish(house, source_of_2026(*changes))
    shops = [
        await shop(house, campaign, code, uscc=f"91420100MA4KXXXX{n}A")
        for n, code in enumerate(("jianghan", "hanyang"))
    ]
    return Trade(house=house, campaign=campaign, shops=shops, dice=random.Random(seed))


async def second_count(database: Database) -> dict[Side, Counter[str]]:
    """Redemption by redemption: of all that came back, the offers' share, rounded once."""
    async with database.reading() as tx:
        paid = await tx.fetch(
            "select r.*, l.offers from redemptions r join locks l"
            " using (lane, campaign_id, idx, lock_no)"
        )
    sides: dict[Side, Counter[str]] = {}
    for row in paid:
        parts: Counter[Side] = Counter()
        for offer in row["offers"]:
            whose = row["merchant_id"] if offer["funder"] == "merchant" else 0
            parts[offer["funder"], whose] += offer["amount_fen"]
        for side, part_fen in parts.items():
            net_fen = row["net_fen"]
            sides.setdefault(side, Counter()).update(
                redemption_count=1,
                order_fen=row["order_fen"],
                used_fen=part_fen,
                given_back_fen=(2 * part_fen * row["refunded_fen"] + net_fen) // (2 * net_fen),
            )
    return sides


async def counted_twice(house: House) -> None:
    """The answer is the second count's, and what is kept of it is what the books say."""
    theirs = await second_count(house.app.db)
    async with house.app.db.reading() as tx:
        ours = await matching.used(tx, 1)
        assert await checks.run_all(tx, house.clock.now, resting=OTHERS) == []
    assert len(ours) == len(theirs)
    for row in ours:
        counted = theirs[row.funder.value, row.merchant_id or 0]
        assert {name: getattr(row, name) for name in matching.SUMS} == dict(counted)


@pytest.mark.requirement("R5.7")
@pytest.mark.parametrize(("seed", "changes"), [(1, ()), (2, (RETURNS,))])
async def test_matching_money_is_right_wherever_the_marks_stand(
    database: Database, seed: int, changes: Any
) -> None:
    """Sales, refunds early and late and of next to nothing, vouchers that return and are spent
    again; any part of any book may be counted meanwhile."""
    shops = await trade(database, seed, *changes)
    house, dice = shops.house, shops.dice
    for step in range(6):
        await shops.some(5)
        await counted_twice(house)
        async with house.app.db.transaction() as tx:
            await count_some(tx, dice)
        await counted_twice(house)
        if step == 3:
            house.clock.move(days=9)
            assert isinstance(await settle_day(house.app, CAMPAIGN), DaySettled)
    kinds = await kinds_of(database)
    assert kinds >= {"refund_late", "reinstate" if changes else "refund"}
    async with database.reading() as tx:
        assert await tx.fetchval("select exists (select 1 from refunds where to_fund_fen = 0)")
    await count_fund(house.app, CAMPAIGN, transfers_at_once=5)
    async with database.reading() as tx:
        assert {use.funder for use in await matching.newer(tx, 1)} <= {"platform", "merchant"}
    await counted_twice(house)


async def kinds_of(database: Database) -> set[str]:
    async with database.reading() as tx:
        return {row["kind"] for row in await tx.fetch("select distinct kind from transfers")}


async def count_some(tx: Any, dice: random.Random) -> None:
    """Count a part of one book, its cells and its matching money."""
    lane = dice.choice([mark.lane for mark in await fund_cells.marks(tx, 1)])
    mark = await fund_counts.hold_mark(tx, 1, lane)
    until = dice.randint(mark.counted_no, mark.next_no)
    part = (1, lane, mark.counted_no, until)
    at = await tx.fetchval("select now()")
    await fund_counts.add(tx, 1, await fund_cells.booked(tx, *part), at)
    await matching.add(tx, 1, await matching.booked(tx, *part), at)
    await fund_counts.move_mark(tx, 1, mark, until)


async def test_two_counts_beside_sales_count_no_offer_twice(
    database: Database, database_url: str
) -> None:
    """Two counts on connections of their own, while tills sell and take back."""
    shops = await trade(database, 3)
    await shops.some(12)
    other = await open_database(database_url, connections=2)
    await asyncio.gather(
        *(
            count_fund(replace(shops.house.app, db=one), CAMPAIGN, transfers_at_once=3)
            for one in (database, other)
        ),
        shops.some(6),
    )
    await counted_twice(shops.house)
    await count_fund(shops.house.app, CAMPAIGN)
    await counted_twice(shops.house)
    await asyncio.wait_for(other.close(), 10)


async def test_a_question_sees_one_moment_while_a_count_commits_beside_it(
    database: Database,
) -> None:
    shops = await trade(database, 4)
    await shops.some(8)
    async with database.reading() as tx:
        before = await matching.used(tx, 1)
        await count_fund(shops.house.app, CAMPAIGN)
        await shops.some(3)
        assert await matching.used(tx, 1) == before
    await counted_twice(shops.house)


LIES = (
    "update matching_steps set used_fen = used_fen + 1",
    "update matching_steps set given_back_fen = given_back_fen + 1 where funder = 'platform'",
    "update matching_steps set merchant_id = merchant_id + 99 where funder = 'merchant'",
    "delete from matching_steps",
    "update matching_steps set on_day = 20260131",
    "update fund_marks set counted_no = 0",
    "update fund_marks set counted_no = 0",
)


@pytest.mark.parametrize("lie", LIES)
async def test_matching_money_that_somebody_changed_is_seen(
    database: Database, database_url: str, lie: str
) -> None:
    shops = await trade(database, 5)
    await shops.some(6)
    await count_fund(shops.house.app, CAMPAIGN)
    await counted_twice(shops.house)
    owner = await asyncpg.connect(database_url)
    assert not (await owner.execute(lie)).endswith(" 0")
    now = shops.house.clock.now
    for since in ({}, {ADDS_UP: now - timedelta(minutes=10)}):
        async with owner.transaction():
            failed = await checks.run_all(owner, now, resting=OTHERS, since=since)
        assert [one.name for one in failed] == [ADDS_UP]
    await owner.close()


@pytest.mark.requirement("R5.7")
async def test_matching_money_is_counted_by_side_and_less_what_came_back(
    database: Database,
) -> None:
    house, campaign = await small_campaign(database)
    at = await shop(house, campaign)
    dice = random.Random(5)
    used: Counter[str] = Counter()
    back: Counter[str] = Counter()
    for _ in range(5):
        order_fen = 100_000 + dice.randrange(50_000)
        offers = tuple(
            Offer(funder=funder, name="满减", amount_fen=dice.randrange(1, 9_000))
            for funder in (Funder.MERCHANT, Funder.PLATFORM, Funder.MERCHANT)
        )
        net_fen = order_fen - sum(offer.amount_fen for offer in offers)
        if net_fen < 100_000:
            order_fen, net_fen = order_fen + 30_000, net_fen + 30_000
        code = await fresh(house, await winner(house, campaign))
        taken = await lock(house, at, code.digits, order_fen, offers=offers)
        assert not isinstance(taken, Refusal), taken
        paid = await redeem(house, at, taken.lock_id)
        assert not isinstance(paid, Refusal)
        goods_fen = dice.choice((0, net_fen, net_fen // 3))
        if goods_fen:
            assert isinstance(await refund(house, at, paid.redemption_id, goods_fen), Refund)
        for funder in Funder:
            mine = sum(offer.amount_fen for offer in offers if offer.funder is funder)
            used[funder] += mine
            back[funder] += (2 * mine * goods_fen + net_fen) // (2 * net_fen)
    for fen, document in ((50_000, "平台 1"), (1, "平台 2")):
        for _ in range(2):
            done = await pledge_matching(
                house.app, CAMPAIGN, merchant_id=None, pledged_fen=fen, document=document, by="t"
            )
            assert isinstance(done, int)
    unknown = await pledge_matching(
        house.app, CAMPAIGN, merchant_id=99, pledged_fen=5, document="x", by="t"
    )
    assert unknown is Refusal.UNKNOWN_MERCHANT
    told = await matching_of(house.app, CAMPAIGN)
    assert not isinstance(told, Refusal)
    platform, merchant = told
    assert (platform.funder, merchant.merchant_id) == (Funder.PLATFORM, at.merchant_id)
    assert (platform.pledged_fen, merchant.pledged_fen) == (50_001, 0)
    for one in told:
        assert (one.used_fen, one.given_back_fen) == (used[one.funder], back[one.funder])
        assert one.left_fen == max(0, one.pledged_fen - one.measured_fen)
    assert match([], []) == []
