"""The dedicated account by hand: a small campaign to the fen, and who may move what."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from huiquan.actions.approve_closing import ClosingApproved, approve_closing
from huiquan.actions.compensate_fund import Compensation, compensate_fund
from huiquan.actions.expire_vouchers import expire_vouchers
from huiquan.actions.fund_campaign import fund_campaign
from huiquan.actions.open_closing import open_closing
from huiquan.actions.plan_tranche import TrancheAsked, plan_tranche
from huiquan.actions.repay_debt import repay_debt
from huiquan.actions.return_share import return_share
from huiquan.actions.run_checks import run_checks
from huiquan.actions.settle_day import DaySettled, settle_day
from huiquan.db import ledger
from huiquan.db.connection import Database
from huiquan.domain.campaigns import Campaign
from huiquan.domain.redemptions import Lock, Redemption
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from huiquan.jobs.tasks import end_day
from huiquan.views.fund_live import LiveFund, live_fund
from huiquan.views.fund_money import closing_of
from simulation.paying import pay_everything
from tests.actions.tills import fresh, lock, redeem, redeemed, refund
from tests.houses import CAMPAIGN, House, make_house, publish, source_of_2026
from tests.shops import Shop, shop, winner
from tests.tables import rows

YUAN = 100
SMALL = (("budget_fen = 10_000_000_000", "budget_fen = 40_000_000"),)


async def staff_of(house: House, *names: str) -> list[int]:
    """People with a sign-in; gives their numbers."""
    async with house.app.db.transaction() as tx:
        return [
            await tx.fetchval(
                "insert into staff (login, name, role, password_hash, opened_at)"
                " values ($1, $1, 'supervisor', '', $2) returning staff_id",
                name,
                house.clock.now,
            )
            for name in names
        ]


async def fund_now(house: House, campaign: Campaign) -> ledger.Fund:
    async with house.app.db.reading() as tx:
        return await ledger.fund(tx, campaign.campaign_id)


async def spend(house: House, campaign: Campaign, at: Shop) -> Redemption:
    """Somebody wins 200 yuan off 1,000 and spends it."""
    return await redeemed(house, at, await winner(house, campaign))


async def end_draws(house: House) -> None:
    """The winners of these tests entered no round; their lanes are said to be drawn."""
    async with house.app.db.transaction() as tx:
        await tx.execute("update lanes set sealed_idx = next_idx, final_idx = next_idx")


async def money_is_true(house: House) -> None:
    """Every promise about money holds, asked of the tables."""
    run = await run_checks(house.app)
    about_money = ("i08", "i16", "i2", "i34", "i37")
    assert [one for one in run.failed if one.name.startswith(about_money)] == []


async def small_campaign(database: Database) -> tuple[House, Campaign]:
    """400,000 yuan of the province and 100,000 of the city, both in the account."""
    house = make_house(database)
    campaign = await publish(house, source_of_2026(*SMALL))
    asked = TrancheAsked(
        request_key="tranche-2",
        planned_fen=100_000 * YUAN,
        due_on=date(2026, 2, 10),
        payer="武汉市商务局",
        payer_account="4201-01",
    )
    assert await plan_tranche(house.app, CAMPAIGN, asked, "test") == 2
    # The answer was lost: asked again it is the same tranche, and nothing else under this key.
    assert await plan_tranche(house.app, CAMPAIGN, asked, "test") == 2
    other = replace(asked, planned_fen=1)
    assert await plan_tranche(house.app, CAMPAIGN, other, "test") is Refusal.REQUEST_KEY_REUSED
    whole = await fund_campaign(house.app, CAMPAIGN, 100_000 * YUAN, "bank-2", "test", tranche_no=2)
    assert whole == 500_000 * YUAN
    return house, campaign


# The dedicated account of a small campaign, in yuan, after each step. Three people spend 200 yuan
# each on orders of 1,000, a fourth lets the voucher expire.
BY_HAND = rows("""
    after                       bank    pool    returned  payable  settling  receivable  paid
    three vouchers are spent    500000  *       0         600      0         0           0
    goods for 300 come back     500000  *       60        540      0         0           0
    nine days later             500000  499460  0         540      0         0           0
    settled                     500000  499460  0         0        540       0           0
    the bank has paid           499460  499460  0         0        0         0           540
    a whole order comes back    499460  499460  0         0        0         200         540
    the merchant repays 50      499510  499460  50        0        0         150         540
    the platform makes 200 good  499710  499660  50       0        0         150         540
    the night has passed        499710  499710  0         0        0         150         540
    closed                      0       0       0         0        0         150         540
""")


@pytest.mark.requirement("R2.4")
@pytest.mark.requirement("R3.6")
async def test_a_small_campaign_counted_by_hand(database: Database) -> None:
    house, campaign = await small_campaign(database)
    told = iter(BY_HAND)

    async def stands(after: str) -> None:
        row, fund = next(told), await fund_now(house, campaign)
        assert row["after"] == after
        for name in ("bank", "pool", "returned", "payable", "settling", "receivable", "paid"):
            if row[name] != "*":
                assert getattr(fund, f"{name}_fen") == int(row[name]) * YUAN, (after, name)
        await money_is_true(house)

    at = await shop(house, campaign)
    spent = [await spend(house, campaign, at) for _ in range(3)]
    await winner(house, campaign)
    await stands("three vouchers are spent")
    assert isinstance(await refund(house, at, spent[0].redemption_id, 300 * YUAN), Refund)
    await stands("goods for 300 come back")
    await end_draws(house)
    house.clock.now = (house.clock.now + timedelta(days=9)).replace(hour=0, minute=10)
    await end_day(house.app)
    await stands("nine days later")
    settled = await settle_day(house.app, CAMPAIGN)
    assert isinstance(settled, DaySettled)
    await stands("settled")
    await pay_everything(house.app, CAMPAIGN)
    await stands("the bank has paid")
    late = await refund(house, at, spent[1].redemption_id, 1_000 * YUAN)
    assert isinstance(late, Refund)
    assert late.is_late
    await stands("a whole order comes back")
    left = await repay_debt(house.app, CAMPAIGN, at.merchant_id, 50 * YUAN, "cash-1", "test")
    assert left == 150 * YUAN
    await stands("the merchant repays 50")
    good = Compensation(
        amount_fen=200 * YUAN,
        bank_ref="good-1",
        payer="惠券平台",
        reason="invented order",
        redemption=spent[2].redemption_id,
    )
    assert await compensate_fund(house.app, CAMPAIGN, good, "test") == 200 * YUAN
    await stands("the platform makes 200 good")
    house.clock.now += timedelta(days=1)
    await end_day(house.app)
    await stands("the night has passed")
    house.clock.now += timedelta(days=60)
    await close_by_hand(house)
    await stands("closed")


async def close_by_hand(house: House) -> None:
    """499,710 yuan go back 4 : 1 to the two who paid in 400,000 and 100,000."""
    first, second = await staff_of(house, "li", "wang")
    assert await open_closing(house.app, CAMPAIGN, first) == 1
    waits = await approve_closing(house.app, CAMPAIGN, first)
    assert waits == ClosingApproved(names=("li",), is_final=False)
    assert await approve_closing(house.app, CAMPAIGN, first) is Refusal.ALREADY_APPROVED_BY_YOU
    share = await return_share(house.app, CAMPAIGN, 1, 39_976_800, "back-1", "test")
    assert share is Refusal.NO_CLOSING
    done = await approve_closing(house.app, CAMPAIGN, second)
    assert done == ClosingApproved(names=("li", "wang"), is_final=True)
    seen = await closing_of(house.app, CAMPAIGN)
    assert not isinstance(seen, Refusal)
    assert [(one.tranche_no, one.amount_fen) for one in seen.shares] == [
        (1, 39_976_800),
        (2, 9_994_200),
    ]
    assert [one.receivable_fen for one in seen.debts] == [150 * YUAN]
    assert await return_share(house.app, CAMPAIGN, 1, 1, "back-1", "x") is Refusal.BAD_AMOUNT
    for _ in range(2):
        left = await return_share(house.app, CAMPAIGN, 1, 39_976_800, "back-1", "test")
        assert left == 9_994_200
    other = await return_share(house.app, CAMPAIGN, 2, 9_994_200, "back-1", "test")
    assert other is Refusal.BANK_REF_USED
    assert await return_share(house.app, CAMPAIGN, 2, 9_994_200, "back-2", "test") == 0


REFUSED = rows("""
    money in                        outcome
    the same reference again        -
    the same reference, other fen   request_key_reused
    the reference, other tranche    bank_ref_used
    a tranche that is in            tranche_received
    a tranche nobody planned        unknown_tranche
    nothing                         bad_amount
    no reference                    malformed
    a reference of a compensation   bank_ref_used
""")


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["money in"])
async def test_money_comes_in_once_and_under_its_own_name(
    database: Database, case: dict[str, str]
) -> None:
    house, campaign = await small_campaign(database)
    fen = 100_000 * YUAN
    good = Compensation(amount_fen=1, bank_ref="good", payer="x", reason="y")
    assert await compensate_fund(house.app, CAMPAIGN, good, "test") == 1
    before = await fund_now(house, campaign)
    asked: dict[str, tuple[int, str, int | None]] = {
        "the same reference again": (fen, "bank-2", 2),
        "the same reference, other fen": (1, "bank-2", 2),
        "the reference, other tranche": (fen, "bank-2", 1),
        "a tranche that is in": (fen, "bank-3", 2),
        "a tranche nobody planned": (fen, "bank-3", 9),
        "nothing": (0, "bank-3", None),
        "no reference": (1, "  ", None),
        "a reference of a compensation": (1, "good", None),
    }
    amount_fen, ref, tranche = asked[case["money in"]]
    outcome = await fund_campaign(house.app, CAMPAIGN, amount_fen, ref, "t", tranche_no=tranche)
    assert (outcome.value if isinstance(outcome, Refusal) else "") == case["outcome"]
    assert await fund_now(house, campaign) == before
    await money_is_true(house)


@pytest.mark.requirement("R2.4")
async def test_what_is_owed_bounds_what_is_repaid_and_compensated(database: Database) -> None:
    house, campaign = await small_campaign(database)
    at = await shop(house, campaign)
    paid = await spend(house, campaign, at)
    over = await repay_debt(house.app, CAMPAIGN, at.merchant_id, 1, "cash", "test")
    assert over is Refusal.MORE_THAN_OWED
    for fen, outcome in ((15_000, 15_000), (5_001, Refusal.MORE_THAN_OWED), (5_000, 20_000)):
        good = Compensation(
            amount_fen=fen,
            bank_ref=f"good-{fen}",
            payer="x",
            reason="y",
            redemption=paid.redemption_id,
        )
        assert await compensate_fund(house.app, CAMPAIGN, good, "test") == outcome
    stranger = Compensation(
        amount_fen=1, bank_ref="z", payer="x", reason="y", redemption="R001-0000-000000099-01-0"
    )
    unknown = await compensate_fund(house.app, CAMPAIGN, stranger, "test")
    assert unknown is Refusal.UNKNOWN_REDEMPTION
    await money_is_true(house)


@pytest.mark.requirement("R2.4")
async def test_a_campaign_is_not_closed_while_money_or_vouchers_are_open(
    database: Database,
) -> None:
    house, campaign = await small_campaign(database)
    (first,) = await staff_of(house, "li")

    async def in_the_way() -> list[str]:
        assert await open_closing(house.app, CAMPAIGN, first) is Refusal.NOT_READY_TO_CLOSE
        seen = await closing_of(house.app, CAMPAIGN)
        assert not isinstance(seen, Refusal)
        return [one.code for one in seen.obstacles]

    at = await shop(house, campaign)
    await spend(house, campaign, at)
    await winner(house, campaign)
    assert await in_the_way() == ["running", "live_vouchers", "open_days", "reserved", "payable"]
    await end_draws(house)
    house.clock.now = house.clock.now.replace(month=4, day=2)
    assert await in_the_way() == ["live_vouchers", "open_days", "reserved", "payable"]
    assert await expire_vouchers(house.app, CAMPAIGN) == 1
    assert await in_the_way() == ["open_days", "payable", "returned"]
    await end_day(house.app)
    assert await in_the_way() == ["payable"]
    settled = await settle_day(house.app, CAMPAIGN)
    assert isinstance(settled, DaySettled)
    assert await in_the_way() == ["settling"]
    await pay_everything(house.app, CAMPAIGN)
    assert await open_closing(house.app, CAMPAIGN, first) == 1
    assert await open_closing(house.app, CAMPAIGN, first) == 1


@pytest.mark.requirement("R2.4")
async def test_a_closing_is_stale_when_money_came_in_since(database: Database) -> None:
    house, campaign = await small_campaign(database)
    first, second = await staff_of(house, "li", "wang")
    await end_draws(house)
    house.clock.now = house.clock.now.replace(month=4, day=2)
    await end_day(house.app)
    assert await open_closing(house.app, CAMPAIGN, first) == 1
    assert isinstance(await approve_closing(house.app, CAMPAIGN, first), ClosingApproved)
    good = Compensation(amount_fen=7, bank_ref="good", payer="x", reason="y")
    assert await compensate_fund(house.app, CAMPAIGN, good, "test") == 7
    assert await approve_closing(house.app, CAMPAIGN, second) is Refusal.CLOSING_STALE
    assert await open_closing(house.app, CAMPAIGN, first) == 2
    for one in (first, second):
        approved = await approve_closing(house.app, CAMPAIGN, one)
    assert isinstance(approved, ClosingApproved)
    assert approved.is_final
    late = await fund_campaign(house.app, CAMPAIGN, 1, "late", "test")
    assert late is Refusal.CLOSING_UNDER_WAY
    more = Compensation(amount_fen=8, bank_ref="more", payer="x", reason="y")
    refused = await compensate_fund(house.app, CAMPAIGN, more, "test")
    assert refused is Refusal.CLOSING_UNDER_WAY
    seen = await closing_of(house.app, CAMPAIGN)
    assert not isinstance(seen, Refusal)
    for share in seen.shares:
        await return_share(
            house.app, CAMPAIGN, share.tranche_no, share.amount_fen, f"b{share.tranche_no}", "t"
        )
    assert (await fund_now(house, campaign)).bank_fen == 0
    await money_is_true(house)


@pytest.mark.requirement("R2.4")
async def test_live_balances_by_hand(database: Database) -> None:
    house, campaign = await small_campaign(database)
    at = await shop(house, campaign)
    spent = [await spend(house, campaign, at) for _ in range(2)]
    held = await winner(house, campaign)
    await winner(house, campaign, tier=4)
    assert isinstance(await lock(house, at, (await fresh(house, held)).digits), Lock)
    assert isinstance(await refund(house, at, spent[0].redemption_id, 300 * YUAN), Refund)
    live = await live_fund(house.app, CAMPAIGN)
    assert isinstance(live, LiveFund)
    parts = {part.pack: part for part in live.by_pack}
    dining = parts[3]
    told = (dining.issued_count, dining.reserved_fen, dining.locked_fen, dining.payable_fen)
    assert told == (3, 0, 200 * YUAN, 340 * YUAN)
    assert (dining.recovered_fen, dining.paid_fen) == (60 * YUAN, 0)
    assert (parts[2].issued_fen, parts[2].reserved_fen) == (50 * YUAN, 50 * YUAN)
    assert [(part.city, part.issued_fen) for part in live.by_city] == [("420100", 650 * YUAN)]
    assert [part.tier for part in live.by_tier if part.issued_count] == [4, 11]
    assert live.total.available_fen == live.fund.released_fen
    house.clock.move(minutes=6)
    later = await live_fund(house.app, CAMPAIGN)
    assert isinstance(later, LiveFund)
    assert (later.total.locked_fen, later.total.reserved_fen) == (0, 250 * YUAN)


async def test_two_tranches_under_one_reference_are_one(database: Database) -> None:
    house, campaign = await small_campaign(database)
    asked = [fund_campaign(house.app, CAMPAIGN, 500 + n % 2, "bank-9", f"by {n}") for n in range(8)]
    outcomes = await asyncio.gather(*asked)
    reused = [one for one in outcomes if one is Refusal.REQUEST_KEY_REUSED]
    assert len(reused) == 4
    assert (await fund_now(house, campaign)).appropriated_fen in (50_000_500, 50_000_501)
    await money_is_true(house)


async def test_of_two_closings_at_one_moment_there_is_one(database: Database) -> None:
    house, _ = await small_campaign(database)
    people = await staff_of(house, *"abcdef")
    await end_draws(house)
    house.clock.now = house.clock.now.replace(month=4, day=2)
    await end_day(house.app)
    opened = await asyncio.gather(*(open_closing(house.app, CAMPAIGN, who) for who in people))
    assert set(opened) == {1}
    approved = await asyncio.gather(*(approve_closing(house.app, CAMPAIGN, who) for who in people))
    final = [one for one in approved if isinstance(one, ClosingApproved) and one.is_final]
    waiting = [one for one in approved if isinstance(one, ClosingApproved) and not one.is_final]
    assert (len(final), len(waiting)) == (1, 1)
    assert approved.count(Refusal.NO_CLOSING) == 4
    back = await asyncio.gather(
        *(return_share(house.app, CAMPAIGN, 1, 40_000_000, f"back-{n}", "t") for n in range(6))
    )
    assert back.count(Refusal.TRANCHE_RECEIVED) == 5
    await money_is_true(house)


@pytest.mark.parametrize("turn", range(6))
async def test_a_closing_waits_for_a_redemption_and_never_passes_it(
    database: Database, turn: int
) -> None:
    """The last second of a campaign whose end was moved: a till redeems while people close."""
    house, campaign = await small_campaign(database)
    (first,) = await staff_of(house, "li")
    at = await shop(house, campaign)
    who = await winner(house, campaign)
    taken = await lock(house, at, (await fresh(house, who)).digits)
    assert isinstance(taken, Lock)
    await end_draws(house)
    async with house.app.db.transaction() as tx:
        await tx.execute("update campaigns set ends_on = '2026-02-05'")
        await tx.execute("update config_days set closed_at = $1", house.clock.now)
        await tx.execute("update balances set amount_fen = 0 where account = 'released'")
    later = asyncio.sleep(0.001 * turn)
    paid, closing, _ = await asyncio.gather(
        redeem(house, at, taken.lock_id), open_closing(house.app, CAMPAIGN, first), later
    )
    assert isinstance(paid, Redemption)
    assert closing is Refusal.NOT_READY_TO_CLOSE
