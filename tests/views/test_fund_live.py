"""Live balances against a second count, made row by row in Python from the bare tables."""

import asyncio
import random
from collections import Counter
from typing import Any

import asyncpg
import pytest

from huiquan.actions.pledge_matching import pledge_matching
from huiquan.actions.sum_days import sum_days
from huiquan.db import ledger
from huiquan.db.connection import Database, open_database
from huiquan.db.embedded import Embedded
from huiquan.db.fund_cells import Cell
from huiquan.domain.offers import Funder, Offer
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from huiquan.views.fund_live import FIRST_DAY, LAST_DAY, LiveFund, cells_of, live_fund
from huiquan.views.fund_money import match, matching_of
from tests.actions.test_fund import small_campaign
from tests.actions.tills import fresh, lock, redeem, refund
from tests.houses import CAMPAIGN, make_house
from tests.played import copy_of, played_season
from tests.shops import shop, winner

SUMS = (
    "issued",
    "reserved",
    "locked",
    "expired",
    "refunded",
    "payable",
    "settling",
    "paid",
    "late",
)


def second_count(
    tables: dict[str, list[Any]], now: Any
) -> dict[tuple[int, int, str], Counter[str]]:
    """Voucher by voucher, refund by refund: no sum of SQL's is used."""
    settled = {row["settlement_id"]: row for row in tables["settlements"]}
    early: Counter[Any] = Counter()
    late: Counter[Any] = Counter()
    for row in tables["refunds"]:
        where = late if row["late"] else early
        where[row["lane"], row["idx"], row["lock_no"]] += row["to_fund_fen"]
    spent: dict[Any, list[Any]] = {}
    for row in tables["redemptions"]:
        spent.setdefault((row["lane"], row["idx"]), []).append(row)
    cells: dict[tuple[int, int, str], Counter[str]] = {}
    for voucher in tables["vouchers"]:
        cell = cells.setdefault((voucher["day"], voucher["tier"], voucher["city"]), Counter())
        left = voucher["face_fen"]
        cell["issued"] += left
        for row in spent.get((voucher["lane"], voucher["idx"]), ()):
            key = (row["lane"], row["idx"], row["lock_no"])
            net = row["discount_fen"] - early[key]
            name = where_it_is(settled, row["settlement_id"])
            cell[name] += net
            cell["late"] += late[key]
            left -= net
        if voucher["state"] == "redeemed":
            cell["refunded"] += left
        elif voucher["state"] == "expired":
            cell["expired"] += left
        elif voucher["state"] == "locked" and voucher["locked_until"] > now:
            cell["locked"] += left
        else:
            cell["reserved"] += left
    return cells


def where_it_is(settled: dict[int, Any], number: int | None) -> str:
    """Payable, settling or paid; what bounced is where the settlement is that carries it."""
    while number is not None and settled[number]["resettled_by"] is not None:
        number = settled[number]["resettled_by"]
    if number is None or settled[number]["state"] == "bounced":
        return "payable"
    return "paid" if settled[number]["state"] == "paid" else "settling"


async def counted_twice(url: str, house: Any) -> None:
    owner = await asyncpg.connect(url)
    names = ("vouchers", "redemptions", "refunds", "settlements")
    tables = {name: await owner.fetch(f"select * from {name}") for name in names}
    await owner.close()
    async with house.app.db.reading() as tx:
        cells = await cells_of(tx, 1, FIRST_DAY, LAST_DAY, house.clock.now)
        fund = await ledger.fund(tx, 1)
    ours = {(cell.day, cell.tier, cell.city): cell for cell in cells}
    theirs = second_count(tables, house.clock.now)
    assert set(ours) == set(theirs)
    for key, cell in ours.items():
        assert {name: getattr(cell, f"{name}_fen") for name in SUMS} == {
            name: theirs[key][name] for name in SUMS
        }, key
        assert adds_up(cell)
    live = await live_fund(house.app, CAMPAIGN)
    assert isinstance(live, LiveFund)
    total = live.total
    assert total.reserved_fen + total.locked_fen == fund.reserved_fen
    kept_fen = sum(
        row["recovered_fen"]
        for row in tables["settlements"]
        if row["state"] == "bounced" and row["resettled_by"] is None
    )
    assert total.payable_fen == fund.payable_fen + kept_fen
    assert total.available_fen == fund.released_fen
    for parts in (live.by_pack, live.by_tier, live.by_day):
        assert sum(part.available_fen for part in parts) == total.available_fen
        assert sum(part.paid_fen for part in parts) == total.paid_fen
    assert sum(part.issued_fen for part in live.by_city) == total.issued_fen


def adds_up(cell: Cell) -> bool:
    """Every fen that was won is in one place."""
    return cell.issued_fen == (
        cell.reserved_fen
        + cell.locked_fen
        + cell.expired_fen
        + cell.refunded_fen
        + cell.payable_fen
        + cell.settling_fen
        + cell.paid_fen
    )


@pytest.mark.requirement("R2.4")
async def test_live_balances_are_what_a_second_count_says(
    postgres: Embedded,
) -> None:
    played = await asyncio.to_thread(played_season, postgres)
    url = copy_of(postgres, played)
    database = await open_two(url)
    house = make_house(database, at=played.now)
    await counted_twice(url, house)
    owner = await asyncpg.connect(url)
    # The bank pays everything, so that the first days can be summed; the sums must say the same.
    await owner.execute(
        "update settlements set state = 'paid', bank_ref = 'x', paid_at = now()"
        " where state in ('settled', 'in_file')"
    )
    await owner.execute("update config_days set closed_at = released_at")
    await owner.close()
    before = await cells_now(house)
    summed = await sum_days(house.app, CAMPAIGN)
    assert isinstance(summed, int)
    assert summed >= 1
    assert await cells_now(house) == before
    assert await sum_days(house.app, CAMPAIGN) == 0
    await asyncio.wait_for(database.close(), 10)


async def open_two(url: str) -> Database:
    return await open_database(url, connections=2)


async def cells_now(house: Any) -> list[Cell]:
    async with house.app.db.reading() as tx:
        cells = await cells_of(tx, 1, FIRST_DAY, LAST_DAY, house.clock.now)
    return sorted(cells, key=lambda cell: (cell.day, cell.tier, cell.city))


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
