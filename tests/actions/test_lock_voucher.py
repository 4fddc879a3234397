"""Locks: one voucher for one order at one store, for a time, judged by the rules of that time."""

from datetime import timedelta

import pytest

from huiquan.actions.publish_campaign import Published, publish_campaign
from huiquan.db.connection import Database
from huiquan.domain.codes import code_from_random
from huiquan.domain.redemptions import Lock
from huiquan.domain.refusals import Refusal
from tests.actions.tills import fresh, lock, locked
from tests.houses import make_house, publish, source_of_2026
from tests.shops import DINING, RETAIL, YICHANG, Shop, counted_again, new_key, shop, winner
from tests.tables import rows


@pytest.mark.requirement("R5.3")
async def test_a_lock_holds_the_voucher_for_five_minutes_and_uses_the_code_up(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    code, key = (await fresh(house, who)).digits, new_key()
    taken = await lock(house, at, code, key=key)
    assert isinstance(taken, Lock), taken
    assert taken.locked_until == house.clock.now + timedelta(seconds=300)
    assert await lock(house, at, code) is Refusal.CODE_USED
    assert await lock(house, at, code, key=key) == taken
    assert await lock(house, at, code, 100_001, key=key) is Refusal.REQUEST_KEY_REUSED
    async with house.app.db.reading() as tx:
        noted = await tx.fetchrow("select * from audit where tag = 'voucher:locked'")
    assert noted["actor"] == f"cashier:{at.cashier_id}"
    assert noted["subject"] == taken.lock_id


@pytest.mark.requirement("R5.3")
async def test_a_lock_whose_time_is_over_gives_way_to_the_next(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    here, there = await shop(house, campaign), await shop(house, campaign, "yichang", city=YICHANG)
    who = await winner(house, campaign)
    first = await locked(house, here, who)
    house.clock.now = first.locked_until
    second = await locked(house, there, who)
    assert second.lock_no == 2
    async with house.app.db.reading() as tx:
        states = await tx.fetch("select lock_no, state from locks order by lock_no")
    assert [tuple(row) for row in states] == [(1, "lapsed"), (2, "open")]
    await counted_again(house, campaign)


CODES = rows("""
    scanned              outcome
    fresh                locked
    spaced out           locked
    the QR text          locked
    30 seconds old       code_expired
    replaced             code_expired
    never given out      code_unknown
    of no lane           code_unknown
    eleven digits        code_unknown
    a word               code_unknown
""")


@pytest.mark.requirement("R5.3")
@pytest.mark.parametrize("case", CODES, ids=lambda case: case["scanned"])
async def test_which_codes_a_till_takes(database: Database, case: dict[str, str]) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    digits = (await fresh(house, who)).digits
    if case["scanned"] == "30 seconds old":
        house.clock.move(seconds=30)
    if case["scanned"] == "replaced":
        await fresh(house, who)
    text = {
        "spaced out": f" {digits[:4]} {digits[4:8]}-{digits[8:]} ",
        "the QR text": f"HQ1:{digits}",
        "never given out": code_from_random(bytes(16), who.voucher.lane),
        "of no lane": code_from_random(bytes(16), 1023),
        "eleven digits": digits[:-1],
        "a word": "voucher",
    }.get(case["scanned"], digits)
    outcome = await lock(house, at, text)
    expected = case["outcome"]
    assert isinstance(outcome, Lock) if expected == "locked" else outcome == expected


STORES = rows("""
    store                   pack    outcome
    open, takes dining      dining  locked
    open, takes retail      dining  wrong_pack
    open, takes dining      retail  wrong_pack
    stopped taking dining   dining  wrong_pack
    not yet taking dining   dining  wrong_pack
    suspended               dining  store_not_open
    closed                  dining  store_not_open
""")

SINCE = {
    "stopped taking dining": "update store_packs set open_until = '2026-02-06 11:00+08'",
    "not yet taking dining": "update store_packs set open_from = '2026-02-15 10:30+08'",
    "suspended": "update stores set state = 'suspended'",
    "closed": "update stores set state = 'closed'",
}


@pytest.mark.requirement("R1.3")
@pytest.mark.parametrize("case", STORES, ids=lambda case: " ".join(case.values()))
async def test_which_stores_take_which_vouchers(database: Database, case: dict[str, str]) -> None:
    house = make_house(database)
    campaign = await publish(house)
    takes = RETAIL if case["store"].endswith("retail") else DINING
    at = await shop(house, campaign, packs=(takes,))
    who = await winner(house, campaign, tier=11 if case["pack"] == "dining" else 6)
    if case["store"] in SINCE:
        async with house.app.db.transaction() as tx:
            await tx.execute(SINCE[case["store"]])
    house.clock.move(hours=1)
    outcome = await lock(house, at, (await fresh(house, who)).digits)
    expected = case["outcome"]
    assert isinstance(outcome, Lock) if expected == "locked" else outcome == expected


async def test_a_no_leaves_everything_as_it_was(database: Database) -> None:
    """The code stays good, so that the cashier can correct the amount and scan on."""
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    code, key = (await fresh(house, who)).digits, new_key()
    assert await lock(house, at, code, 99_999, key) is Refusal.BELOW_THRESHOLD
    async with house.app.db.reading() as tx:
        assert await tx.fetchval("select count(*) from locks") == 0
        assert await tx.fetchval("select count(*) from audit where tag = 'voucher:locked'") == 0
    assert isinstance(await lock(house, at, code, 100_000, key), Lock)


@pytest.mark.requirement("R3.3")
async def test_a_lock_is_judged_by_the_rules_in_force_at_its_time(database: Database) -> None:
    """From midnight on vouchers are good in the city of registration only; before it, anywhere."""
    house = make_house(database)
    campaign = await publish(house)
    there = await shop(house, campaign, "yichang", city=YICHANG)
    first, before, after = [await winner(house, campaign) for _ in range(3)]
    assert (await locked(house, there, first)).rulebook_version == 1
    amended = source_of_2026(('use_area = "province"', 'use_area = "registration_city"'))
    published = await publish_campaign(house.app, amended, "test")
    assert isinstance(published, Published), published
    house.clock.now = published.effective_at - timedelta(seconds=1)
    assert (await locked(house, there, before)).rulebook_version == 1
    house.clock.now = published.effective_at
    assert await lock(house, there, (await fresh(house, after)).digits) is Refusal.WRONG_CITY
    here = await shop(house, campaign)
    assert (await locked(house, here, after)).rulebook_version == 2


async def test_a_cashier_who_is_none_any_more_is_sent_to_sign_in(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    who = await winner(house, campaign)
    nobody = Shop(store_id=1, merchant_id=1, cashier_id=99, headers={})
    outcome = await lock(house, nobody, (await fresh(house, who)).digits)
    assert outcome is Refusal.UNAUTHENTICATED
