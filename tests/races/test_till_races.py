"""Many at one moment: whatever comes first, each thing happens once and every fen has its place."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import httpx
import pytest

from huiquan.actions.expire_vouchers import expire_vouchers
from huiquan.actions.settle_day import settle_day
from huiquan.db.connection import Database, open_database
from tests.houses import House, make_house, publish, source_of_2026, visit
from tests.shops import (
    Shop,
    Winner,
    counted_again,
    fresh_code,
    locked,
    mint,
    new_key,
    order,
    redeemed,
    shop,
    till,
    winner,
)

CONNECTIONS = 70

Call = Callable[[], Awaitable[Any]]


@pytest.fixture
async def wide(database_url: str) -> AsyncIterator[Database]:
    """A database with a connection for everyone who comes."""
    opened = await open_database(database_url, connections=CONNECTIONS)
    yield opened
    await asyncio.wait_for(opened.close(), 10)


async def all_at_once(house: House, winners: Sequence[Winner], calls: Sequence[Call]) -> list[Any]:
    """Let all calls run until each waits for the same vouchers, then let go of these.

    So they truly meet in the database, each on a connection of its own.
    """
    async with house.app.db.transaction() as holding:
        for who in winners:
            await holding.execute(
                "select from vouchers where lane = $1 and campaign_id = $2 and idx = $3 for update",
                who.voucher.lane,
                who.voucher.campaign_id,
                who.voucher.idx,
            )
        running = [asyncio.ensure_future(call()) for call in calls]
        for _ in range(500):
            waiting = await holding.fetchval("select count(*) from pg_locks where not granted")
            if waiting >= len(calls) or all(one.done() for one in running):
                break
            await asyncio.sleep(0.01)
        assert waiting == len(calls), "everyone waits"
    return list(await asyncio.gather(*running))


def tally(answers: Sequence[httpx.Response]) -> Counter[str]:
    """How many were served, and how many were refused for which reason."""
    for answer in answers:
        assert answer.status_code < 500, answer.text
    return Counter(
        "served" if answer.status_code < 400 else answer.json()["code"] for answer in answers
    )


async def count(house: House, question: str) -> int:
    async with house.app.db.reading() as tx:
        found: int = await tx.fetchval(question)
    return found


async def test_of_64_tills_that_scan_one_code_one_gets_the_lock(wide: Database) -> None:
    house = make_house(wide)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    async with visit(house) as client:
        code = await fresh_code(client, who)

        def scan() -> Awaitable[httpx.Response]:
            return till(client, at, "locks", code=code, **order("1000"))

        answers = await all_at_once(house, [who], [scan] * 64)
    assert tally(answers) == {"served": 1, "code_used": 63}
    assert await count(house, "select count(*) from locks") == 1
    await counted_again(house, campaign)


async def test_one_voucher_is_locked_at_one_of_two_stores(wide: Database) -> None:
    """The phone shows a fresh code just as the first is scanned: only the newest is good."""
    house = make_house(wide)
    campaign = await publish(house)
    here, there = await shop(house, campaign), await shop(house, campaign, "yichang")
    for _ in range(10):
        who = await winner(house, campaign)
        async with visit(house) as client:
            old = await fresh_code(client, who)
            answers = await all_at_once(
                house,
                [who],
                [
                    lambda client=client, old=old: till(
                        client, here, "locks", code=old, **order("1000")
                    ),
                    lambda client=client, who=who: mint(client, who),
                ],
            )
            scanned, minted = answers
            new = minted.json().get("digits")
            second = await till(client, there, "locks", code=new or old, **order("1000"))
        outcome = tally([scanned, minted, second])
        assert outcome in (
            {"served": 1, "voucher_locked": 1, "code_used": 1},
            {"served": 2, "code_expired": 1},
        )
    await counted_again(house, campaign)


async def test_two_fresh_codes_at_two_stores_give_one_lock(wide: Database) -> None:
    """Should two codes ever live at once, the voucher itself is what is locked."""
    house = make_house(wide)
    campaign = await publish(house)
    here, there = await shop(house, campaign), await shop(house, campaign, "yichang")
    who = await winner(house, campaign)
    async with visit(house) as client:
        codes = [await fresh_code(client, who), await fresh_code(client, who)]
        async with house.app.db.transaction() as tx:
            await tx.execute("update codes set voided_at = null")
        answers = await all_at_once(
            house,
            [who],
            [
                lambda: till(client, here, "locks", code=codes[0], **order("1000")),
                lambda: till(client, there, "locks", code=codes[1], **order("1000")),
            ],
        )
    assert tally(answers) == {"served": 1, "voucher_locked": 1}
    assert await count(house, "select count(*) from locks where state = 'open'") == 1
    await counted_again(house, campaign)


async def test_one_request_sent_many_times_locks_once_and_answers_alike(wide: Database) -> None:
    house = make_house(wide)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    async with visit(house) as client:
        code, key = await fresh_code(client, who), new_key()

        def send() -> Awaitable[httpx.Response]:
            return till(client, at, "locks", key, code=code, **order("1000"))

        answers = await all_at_once(house, [who], [send] * 8)
    assert tally(answers) == {"served": 8}
    assert len({answer.content for answer in answers}) == 1
    assert await count(house, "select count(*) from locks") == 1


async def test_one_tap_sent_many_times_gives_one_code(wide: Database) -> None:
    house = make_house(wide)
    campaign = await publish(house)
    who, key = await winner(house, campaign), new_key()
    async with visit(house) as client:
        answers = await all_at_once(house, [who], [lambda: mint(client, who, key)] * 8)
    assert tally(answers) == {"served": 8}
    assert len({answer.content for answer in answers}) == 1
    assert await count(house, "select count(*) from codes") == 1


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize(
    ("same_key", "told"),
    [(True, {"served": 6}), (False, {"served": 1, "already_redeemed": 5})],
    ids=["one request six times", "six requests"],
)
async def test_a_voucher_is_redeemed_once(
    wide: Database, same_key: bool, told: dict[str, int]
) -> None:
    house = make_house(wide)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    async with visit(house) as client:
        lock, ref, key = await locked(client, at, who), new_key(), new_key()

        def pay() -> Awaitable[httpx.Response]:
            own = key if same_key else new_key()
            return till(client, at, f"locks/{lock}/redeem", own, payment_ref=ref)

        answers = await all_at_once(house, [who], [pay] * 6)
    assert tally(answers) == told
    served = {answer.content for answer in answers if answer.status_code == 201}
    assert len(served) == 1
    assert await count(house, "select count(*) from redemptions") == 1
    assert await count(house, "select count(*) from outbox where kind = 'redeemed'") == 1
    stands = await counted_again(house, campaign)
    assert stands["payable", 0, str(at.merchant_id)] == 20_000


@pytest.mark.requirement("R2.4")
async def test_redeeming_and_giving_back_exclude_each_other(wide: Database) -> None:
    house = make_house(wide)
    campaign = await publish(house)
    at = await shop(house, campaign)
    seen: Counter[str] = Counter()
    async with visit(house) as client:
        for turn in range(10):
            who = await winner(house, campaign)
            lock = await locked(client, at, who)

            def pay(lock: str = lock) -> Awaitable[httpx.Response]:
                return till(client, at, f"locks/{lock}/redeem", payment_ref=new_key())

            def give_back(lock: str = lock) -> Awaitable[httpx.Response]:
                return till(client, at, f"locks/{lock}/unlock")

            calls = [pay, give_back] if turn % 2 else [give_back, pay]
            seen += tally(await all_at_once(house, [who], calls))
    assert seen["served"] == 10
    assert seen["already_redeemed"] + seen["lock_released"] == 10
    await counted_again(house, campaign)


@pytest.mark.requirement("R2.4")
async def test_a_voucher_is_redeemed_or_expires_never_both(wide: Database) -> None:
    """At 24:00 of the last day: expiry passes by what a till holds, and takes it next time."""
    house = make_house(wide)
    campaign = await publish(house)
    at = await shop(house, campaign)
    lost = 0
    for turn in range(4):
        who = await winner(house, campaign)
        house.clock.now = who.voucher.valid_until
        house.clock.move(seconds=-2)
        async with visit(house) as client:
            lock = await locked(client, at, who)
            house.clock.move(seconds=turn)

            async def pay(client: httpx.AsyncClient = client, lock: str = lock) -> httpx.Response:
                return await till(client, at, f"locks/{lock}/redeem", payment_ref=new_key())

            async def end() -> int:
                ended = await expire_vouchers(house.app, campaign.code)
                assert isinstance(ended, int)
                return ended

            paid, *_ = await asyncio.gather(pay(), end(), end())
            await end()
        assert tally([paid]) == ({"served": 1} if turn < 2 else {"voucher_expired": 1})
        lost += turn >= 2
        house.clock.move(hours=12)
    assert await count(house, "select count(*) from vouchers where state = 'expired'") == lost
    stands = await counted_again(house, campaign)
    assert stands["payable", 0, str(at.merchant_id)] == (4 - lost) * 20_000
    assert stands["returned", 0, ""] == lost * 20_000


@pytest.mark.requirement("R2.4")
async def test_many_who_expire_at_once_return_each_face_once(wide: Database) -> None:
    house = make_house(wide)
    campaign = await publish(house)
    everyone = [await winner(house, campaign, lane=n % campaign.lanes) for n in range(24)]
    house.clock.now = everyone[0].voucher.valid_until
    counts = await asyncio.gather(
        *(expire_vouchers(house.app, campaign.code, most=5) for _ in range(12))
    )
    while more := await expire_vouchers(house.app, campaign.code, most=5):
        counts.append(more)
    assert sum(one for one in counts if isinstance(one, int)) == 24
    stands = await counted_again(house, campaign)
    assert sum(stands["returned", lane, ""] for lane in range(campaign.lanes)) == 24 * 20_000


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize(
    ("same_key", "told", "back_fen"),
    [(True, {"served": 4}, 12_000), (False, {"served": 1, "refund_too_large": 3}, 12_000)],
    ids=["one request four times", "four that together are too much"],
)
async def test_goods_come_back_once(
    wide: Database, same_key: bool, told: dict[str, int], back_fen: int
) -> None:
    house = make_house(wide)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    async with visit(house) as client:
        redemption, key = await redeemed(client, at, who), new_key()

        def refund() -> Awaitable[httpx.Response]:
            own = key if same_key else new_key()
            return till(client, at, f"redemptions/{redemption}/refunds", own, amount_fen=60_000)

        answers = await all_at_once(house, [who], [refund] * 4)
    assert tally(answers) == told
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    stands = await counted_again(house, campaign)
    assert stands["returned", 0, ""] == back_fen
    assert await count(house, "select count(*) from refunds") == 1


@pytest.mark.requirement("R2.4")
async def test_one_payment_never_pays_for_two_vouchers(wide: Database) -> None:
    house = make_house(wide)
    campaign = await publish(house)
    here, there = await shop(house, campaign), await shop(house, campaign, "yichang")
    assert here.merchant_id == there.merchant_id
    async with visit(house) as client:
        both = [await winner(house, campaign), await winner(house, campaign, lane=1)]
        stores: list[Shop] = [here, there]
        locks = [await locked(client, at, who) for at, who in zip(stores, both, strict=True)]
        ref = new_key()

        def pay(at: Shop, lock: str) -> Call:
            return lambda: till(client, at, f"locks/{lock}/redeem", payment_ref=ref)

        calls = [pay(at, lock) for at, lock in zip(stores, locks, strict=True)]
        answers = await all_at_once(house, both, calls)
    assert tally(answers) == {"served": 1, "payment_ref_used": 1}
    assert await count(house, "select count(*) from vouchers where state = 'locked'") == 1
    assert await count(house, "select count(*) from locks where state = 'open'") == 1
    stands = await counted_again(house, campaign)
    assert sum(fen for held, fen in stands.items() if held[0] == "payable") == 20_000


@pytest.mark.requirement("R2.4")
async def test_a_refund_is_before_settlement_or_after_it(wide: Database) -> None:
    """Refunds around the cut-off have paid public money twice elsewhere; here it is owed once."""
    house = make_house(wide)
    hold = ("settlement_hold_days = 7", "settlement_hold_days = 1")
    campaign = await publish(house, source_of_2026(hold))
    for turn in range(6):
        uscc = f"91420100MA4KZZZZ{turn}C"
        at = await shop(house, campaign, f"store-{turn}", uscc=uscc)
        who = await winner(house, campaign)
        async with visit(house) as client:
            redemption = await redeemed(client, at, who)
            house.clock.move(days=1)
            refund, _ = await asyncio.gather(
                till(client, at, f"redemptions/{redemption}/refunds", amount_fen=30_000),
                settle_day(house.app, campaign.code),
            )
        assert tally([refund]) == {"served": 1}
        stands, merchant = await counted_again(house, campaign), str(at.merchant_id)
        outcome = (stands["settling", -1, merchant], stands["receivable", -1, merchant])
        assert outcome in ((14_000, 0), (20_000, 6_000))
