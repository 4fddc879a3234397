"""The code on the phone: for its holder, for half a minute, once; given again while it lives."""

from dataclasses import replace
from datetime import timedelta

import pytest

from huiquan.actions.forget_codes import forget_codes
from huiquan.actions.mint_code import FreshCode
from huiquan.db import codes
from huiquan.db.connection import Database
from huiquan.db.together import together
from huiquan.domain.codes import code_hash, lane_of
from huiquan.domain.minting import code_for_request
from huiquan.domain.refusals import Refusal
from tests.actions.tills import DEVICE, ask, fresh
from tests.houses import House, make_house, publish
from tests.shops import let_win, new_key, winner
from tests.tables import rows


@pytest.mark.requirement("R2.3")
async def test_a_code_leads_to_its_lane_and_only_its_hash_is_kept(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    who = await winner(house, campaign, lane=3)
    code = await fresh(house, who)
    assert lane_of(code.digits) == 3
    assert code.expires_at == house.clock.now + timedelta(seconds=30)
    assert code.valid_s == 30
    async with house.app.db.reading() as tx:
        kept = await tx.fetchrow("select * from codes")
        answer = await tx.fetchval("select answer::text from requests")
    assert kept["code_key"] == code_hash(house.app.keys.codes, code.digits)
    assert kept["device"] == DEVICE
    assert code.digits not in str(dict(kept)) + answer


async def test_the_same_tap_gives_the_same_digits_and_the_next_one_others(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    who, key = await winner(house, campaign), new_key()
    first = await fresh(house, who, key)
    house.clock.move(seconds=29)
    assert await fresh(house, who, key) == first
    house.clock.move(seconds=1)
    assert await ask(house, who, key) is Refusal.CODE_EXPIRED
    assert (await fresh(house, who)).digits != first.digits


async def test_a_new_code_makes_the_old_one_void(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    who, key = await winner(house, campaign), new_key()
    await fresh(house, who, key)
    await fresh(house, who)
    assert await ask(house, who, key) is Refusal.CODE_EXPIRED
    async with house.app.db.reading() as tx:
        live = await tx.fetchval("select count(*) from codes where voided_at is null")
    assert live == 1


async def test_a_key_that_asked_for_one_voucher_does_not_ask_for_another(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    who, key = await winner(house, campaign), new_key()
    await fresh(house, who, key)
    house.clock.move(days=1)
    other = await let_win(house, campaign, who.registrant)
    assert await ask(house, who, key, other.serial) is Refusal.REQUEST_KEY_REUSED


async def test_digits_that_were_given_out_before_are_passed_over(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    who, other, key = await winner(house, campaign), await winner(house, campaign), new_key()
    taken = code_for_request(house.app.keys.codes, who.voucher, key, 0)
    async with house.app.db.transaction() as tx:
        await tx.execute(
            """
            insert into codes (lane, code_key, campaign_id, idx, device, request_key, minted_at,
                               expires_at)
            values (0, $1, $2, $3, '', 'earlier', now(), now())
            """,
            code_hash(house.app.keys.codes, taken),
            campaign.campaign_id,
            other.voucher.idx,
        )
    code = await fresh(house, who, key)
    assert code.digits == code_for_request(house.app.keys.codes, who.voucher, key, 1)
    assert await fresh(house, who, key) == code


WHO = rows("""
    asks         outcome
    the holder   a code
    a stranger   not_your_voucher
    mistyped     unknown_voucher
    never won    unknown_voucher
    suspended    suspended
    excluded     excluded
    redeemed     already_redeemed
    locked       voucher_locked
    too late     voucher_expired
    too early    not_yet_valid
""")

AS_IF = {
    "suspended": "update registrations set suspended_at = now() where pid = $1",
    "excluded": """
        insert into exclusions (campaign_id, person_key, reason, since)
        select campaign_id, person_key, 'court', now() from registrations where pid = $1
    """,
    "redeemed": "update vouchers set state = 'redeemed' where pid = $1",
    "locked": """
        update vouchers set state = 'locked', locked_until = valid_until where pid = $1
    """,
}


@pytest.mark.requirement("R2.1")
@pytest.mark.parametrize("case", WHO, ids=lambda case: case["asks"])
async def test_who_is_given_a_code(database: Database, case: dict[str, str]) -> None:
    house = make_house(database)
    campaign = await publish(house)
    who, stranger = await winner(house, campaign), await winner(house, campaign)
    asks, serial = case["asks"], who.serial
    if asks in AS_IF:
        async with house.app.db.transaction() as tx:
            await tx.execute(AS_IF[asks], who.registrant.pid)
    if asks == "mistyped":
        serial = who.serial[:-1] + ("A" if who.serial[-1] != "A" else "B")
    if asks == "never won":
        serial = replace(who.voucher, idx=999).serial
    if asks == "too late":
        house.clock.now = who.voucher.valid_until
    if asks == "too early":
        house.clock.move(seconds=-1)
    outcome = await ask(house, stranger if asks == "a stranger" else who, serial=serial)
    expected = case["outcome"]
    assert isinstance(outcome, FreshCode) if expected == "a code" else outcome == expected


async def test_a_code_never_outlives_its_voucher(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    who = await winner(house, campaign)
    house.clock.now = who.voucher.valid_until - timedelta(seconds=12)
    code = await fresh(house, who)
    assert code.expires_at == who.voucher.valid_until
    assert code.valid_s == 12


async def test_unused_codes_are_forgotten_after_a_week_and_used_ones_are_kept(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    who = await winner(house, campaign)
    await fresh(house, who)
    used = await fresh(house, who)
    async with house.app.db.transaction() as tx:
        await together(tx, codes.use(lane_of(used.digits), _hash(house, used), house.clock.now))
    assert await forget_codes(house.app, campaign.code) == 0
    house.clock.move(days=7, seconds=31)
    assert await forget_codes(house.app, campaign.code) == 1
    assert await forget_codes(house.app, campaign.code) == 0
    async with house.app.db.reading() as tx:
        kept = await tx.fetch("select code_key from codes")
    assert [row["code_key"] for row in kept] == [_hash(house, used)]


def _hash(house: House, code: FreshCode) -> bytes:
    return code_hash(house.app.keys.codes, code.digits)
