"""Redeeming: after payment, once, for the amounts of the lock, and the fund owes the merchant."""

from dataclasses import replace
from datetime import timedelta

import pytest

from huiquan.actions.expire_vouchers import expire_vouchers
from huiquan.db.connection import Database
from huiquan.domain.redemptions import Redemption
from huiquan.domain.refusals import Refusal
from tests.actions.tills import fresh, lock, locked, redeem, redeemed, unlock
from tests.houses import make_house, publish
from tests.shops import YICHANG, counted_again, new_key, shop, winner
from tests.tables import rows


@pytest.mark.requirement("R2.4")
async def test_a_redemption_is_voucher_money_audit_line_and_notice_together(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    taken = await locked(house, at, who, 123_456)
    ref, key = "wx-20260206-0001", new_key()
    paid = await redeem(house, at, taken.lock_id, ref, key)
    assert isinstance(paid, Redemption), paid
    async with house.app.db.reading() as tx:
        kept = await tx.fetchrow("select * from redemptions")
        state = await tx.fetchval("select state from vouchers")
        closed = await tx.fetchrow("select state, closed_at from locks")
        moved = await tx.fetchrow("select * from transfers where kind = 'redeem'")
        noted = await tx.fetchrow("select * from audit where tag = 'voucher:redeemed'")
        told = await tx.fetchval("select payload from outbox where kind = 'redeemed'")
    assert state == "redeemed"
    assert tuple(closed) == ("redeemed", house.clock.now)
    amounts = ("order_fen", "offers_fen", "net_fen", "discount_fen", "face_fen", "threshold_fen")
    assert [kept[name] for name in amounts] == [123_456, 0, 123_456, 20_000, 20_000, 100_000]
    assert (kept["merchant_id"], kept["store_id"]) == (at.merchant_id, at.store_id)
    assert (kept["city"], kept["day"], kept["payment_ref"]) == ("420100", 20260206, ref)
    assert kept["cashier_id"] == at.cashier_id
    assert (moved["debit"], moved["credit"]) == ("reserved", "payable")
    assert (moved["credit_holder"], moved["amount_fen"]) == (str(at.merchant_id), 20_000)
    assert moved["ref"] == noted["subject"] == paid.redemption_id
    assert noted["actor"] == f"cashier:{at.cashier_id}"
    assert told == {"redemption": paid.redemption_id}
    await counted_again(house, campaign)


async def test_the_same_request_gives_the_same_redemption_even_after_a_refund(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    taken, key = await locked(house, at, who), new_key()
    paid = await redeem(house, at, taken.lock_id, "pay-1", key)
    house.clock.move(days=3)
    assert await redeem(house, at, taken.lock_id, "pay-1", key) == paid
    other = await redeem(house, at, taken.lock_id, "pay-2", key)
    assert other is Refusal.REQUEST_KEY_REUSED
    assert await redeem(house, at, taken.lock_id, "pay-1") is Refusal.ALREADY_REDEEMED


REPORTS = rows("""
    reported after  meanwhile              outcome
    0 s             -                      redeemed
    299 s           -                      redeemed
    300 s           -                      redeemed
    1199 s          noted as lapsed        redeemed
    1200 s          -                      lock_expired
    1200 s          noted as lapsed        lock_expired
    10 s            released               lock_released
    301 s           locked elsewhere       lock_expired
    10 s            store suspended        store_not_open
    10 s            another store reports  other_store
    10 s            of no lock             unknown_lock
    10 s            mistyped               unknown_lock
""")


@pytest.mark.requirement("R5.3")
@pytest.mark.parametrize("case", REPORTS, ids=lambda case: " ".join(case.values()))
async def test_which_payments_redeem(database: Database, case: dict[str, str]) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, other = await shop(house, campaign), await shop(house, campaign, "yichang", city=YICHANG)
    who = await winner(house, campaign)
    taken = await locked(house, at, who)
    house.clock.move(seconds=int(case["reported after"].split()[0]))
    if case["meanwhile"] == "noted as lapsed":
        await expire_vouchers(house.app, campaign.code)
    if case["meanwhile"] == "released":
        await unlock(house, at, taken.lock_id)
    if case["meanwhile"] == "locked elsewhere":
        await locked(house, other, who)
    if case["meanwhile"] == "store suspended":
        async with house.app.db.transaction() as tx:
            await tx.execute("update stores set state = 'suspended'")
    reporter = other if case["meanwhile"] == "another store reports" else at
    name = {
        "of no lock": replace(taken, lock_no=2).lock_id,
        "mistyped": taken.lock_id[:-1] + "*",
    }.get(case["meanwhile"], taken.lock_id)
    outcome = await redeem(house, reporter, name)
    if case["outcome"] == "redeemed":
        assert isinstance(outcome, Redemption), outcome
    else:
        assert outcome == case["outcome"]
    await counted_again(house, campaign)


PAYMENTS = rows("""
    reference     merchant  outcome
    pay-1         same      payment_ref_used
    ' pay-1 '     same      payment_ref_used
    PAY-1         same      redeemed
    pay-1         other     redeemed
    pay-2         same      redeemed
    ' '           same      malformed
    tab\\there    same      malformed
    nul\\x00here  same      malformed
""")


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("case", PAYMENTS, ids=lambda case: " ".join(case.values()))
async def test_one_payment_of_a_merchant_pays_for_one_redemption(
    database: Database, case: dict[str, str]
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at = await shop(house, campaign)
    other = await shop(house, campaign, "other", uscc="91420100MA4KYYYY0B")
    first, second = await winner(house, campaign), await winner(house, campaign, lane=2)
    await redeem(house, at, (await locked(house, at, first)).lock_id, "pay-1")
    reporter = at if case["merchant"] == "same" else other
    ref = case["reference"].strip("'").encode().decode("unicode_escape")
    taken = await locked(house, reporter, second)
    outcome = await redeem(house, reporter, taken.lock_id, ref)
    if case["outcome"] == "redeemed":
        assert isinstance(outcome, Redemption), outcome
    else:
        assert outcome == case["outcome"]
        assert isinstance(await redeem(house, reporter, taken.lock_id, "pay-9"), Redemption)
    await counted_again(house, campaign)


async def test_a_lock_taken_before_midnight_redeems_on_the_day_of_payment(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    house.clock.now = house.clock.now.replace(hour=23, minute=58)
    taken = await locked(house, at, who)
    house.clock.move(minutes=3)
    paid = await redeem(house, at, taken.lock_id)
    assert isinstance(paid, Redemption), paid
    assert paid.day.isoformat() == "2026-02-07"


async def test_a_spent_voucher_is_spent(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    await redeemed(house, at, who)
    house.clock.now = who.voucher.valid_until + timedelta(days=1)
    assert await expire_vouchers(house.app, campaign.code) == 0
    await counted_again(house, campaign)


async def test_a_code_from_before_the_late_payment_is_told_why(database: Database) -> None:
    """The lock's time was over, the holder showed a fresh code, then the payment came in."""
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    taken = await locked(house, at, who)
    house.clock.move(seconds=301)
    code = (await fresh(house, who)).digits
    assert isinstance(await redeem(house, at, taken.lock_id), Redemption)
    assert await lock(house, at, code) is Refusal.ALREADY_REDEEMED
