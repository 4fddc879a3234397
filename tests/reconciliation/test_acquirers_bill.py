"""An acquirer's sales over its own door, held against the bill we give out of them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from huiquan.actions.bill_acquirer import SignedBill, bill_acquirer
from huiquan.actions.import_bill import BillSent, BillTaken, import_bill
from huiquan.actions.reconcile_day import DayReconciled, reconcile_day
from huiquan.db.connection import Database
from huiquan.db.imported_books import Source
from huiquan.domain.bill_mappings import Book
from huiquan.views.reconciliation import days_due
from tests.acquirers import lock, machine, redeem
from tests.actions.tills import redeemed
from tests.houses import CAMPAIGN, House, make_house, publish, visit
from tests.shops import shop, winner

OURS = Source(campaign_id=1, book=Book.ACQUIRER, name="wepay")
TILL = Source(campaign_id=1, book=Book.ACQUIRER, name="till")


async def sold(database: Database) -> House:
    """Two sales and a refund over the acquirer's door, and one a cashier reported."""
    house = make_house(database)
    campaign = await publish(house)
    at = await shop(house, campaign)
    pay = await machine(house)
    async with visit(house) as client:
        for number in (1, 2):
            await lock(client, pay, await winner(house, campaign), f"o-{number}")
            paid = await redeem(client, pay, f"o-{number}", f"p-{number}")
            assert paid.status_code == 201, paid.text
        back = await pay.post(
            client, "refunds", refund_ref="f-1", payment_ref="p-1", amount_fen=30_000
        )
        assert back.status_code == 201, back.text
    await redeemed(house, at, await winner(house, campaign))
    return house


async def sent(house: House, day: date, raw: bytes) -> BillTaken:
    told = BillSent(campaign=CAMPAIGN, source=OURS.name, mapping="house", day=day, raw=raw)
    taken = await import_bill(house.app, told, "wang")
    assert isinstance(taken, BillTaken), taken
    return taken


async def differences(house: House) -> list[tuple[str, str, int]]:
    async with house.app.db.reading() as tx:
        rows = await tx.fetch(
            "select kind, ref, ours_fen - theirs_fen as fen from cases order by 1"
        )
    return [(row["kind"], row["ref"], row["fen"]) for row in rows]


@pytest.mark.requirement("R2.4")
@pytest.mark.requirement("R3.8")
async def test_an_acquirers_sales_agree_with_the_bill_we_gave_it(database: Database) -> None:
    house = await sold(database)
    day = house.clock.now.date()
    house.clock.now += timedelta(days=1)
    made = await bill_acquirer(house.app, "wepay", day)
    assert isinstance(made, SignedBill)
    assert made.bill.lines == 3
    assert (await sent(house, day, made.bill.csv)).counts.new_count == 3
    done = await reconcile_day(house.app, OURS, day)
    assert isinstance(done, DayReconciled)
    assert done.ours == done.theirs
    assert (done.ours.count, done.ours.fen) == (3, 20_000 + 20_000 - 6_000)
    assert await differences(house) == []


@pytest.mark.requirement("R2.4")
async def test_what_an_acquirer_leaves_out_or_tells_otherwise_is_listed(database: Database) -> None:
    house = await sold(database)
    day = house.clock.now.date()
    house.clock.now += timedelta(days=1)
    made = await bill_acquirer(house.app, "wepay", day)
    assert isinstance(made, SignedBill)
    head, *lines = made.bill.csv.decode().splitlines(keepends=True)
    told = [line.replace("f-1", "f-9") for line in lines if ",p-2," not in line]
    told = [line.replace(",20000,", ",20001,") for line in told]
    await sent(house, day, "".join((head, *told)).encode())
    assert isinstance(await reconcile_day(house.app, OURS, day), DayReconciled)
    assert ("missing", "p-2", 20_000) in await differences(house)
    assert ("amount", "p-1", -1) in await differences(house)


@pytest.mark.requirement("R2.4")
async def test_an_acquirer_is_asked_for_its_bill_from_its_first_payment_on(
    database: Database,
) -> None:
    house = await sold(database)
    day = house.clock.now.date()
    house.clock.now = (house.clock.now + timedelta(days=2)).replace(hour=13)
    assert {source.name for source, _ in await days_due(house.app, 1)} == {OURS.name}
    done = await reconcile_day(house.app, OURS, day)
    assert isinstance(done, DayReconciled)
    assert not done.has_file
    assert [kind for kind, _, _ in await differences(house)] == ["no_file"]
    till = await reconcile_day(house.app, replace(TILL), day)
    assert isinstance(till, DayReconciled)
    assert till.ours.count == 1
