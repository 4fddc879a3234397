"""Two web processes and one order: words, payment and cancellation at one moment."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from huiquan.db.connection import Database, open_database
from tests.houses import make_house, publish, visit
from tests.online import HONGSHAN, ask, bought, declared, look, ordered, tell, trade
from tests.shops import counted_again

ROUNDS = 6


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[tuple[Database, Database]]:
    """Two processes' connections to one database."""
    opened = [await open_database(database_url, connections=12) for _ in range(2)]
    yield opened[0], opened[1]
    for one in opened:
        await asyncio.wait_for(one.close(), 10)


@pytest.mark.requirement("R5.4")
async def test_words_that_come_at_once_over_two_connections_are_judged_together(
    two: tuple[Database, Database],
) -> None:
    houses = [make_house(one) for one in two]
    campaign = await publish(houses[0])
    at = await trade(houses[0], campaign)
    async with visit(houses[0]) as first, visit(houses[1]) as second:
        for n in range(ROUNDS):
            one = await bought(first, at, lane=n % campaign.lanes)
            await declared(first, at, one.ref, f"W{n}")
            words = [
                ("dispatched", {"happened_at": at.now(minutes=1)}),
                ("collected", {"happened_at": at.now(minutes=2)}),
                ("signed", {"happened_at": at.now(minutes=3), "county": HONGSHAN}),
            ]
            async with two[0].transaction() as holding:
                await holding.execute("select from online_orders for update")
                running = [
                    asyncio.ensure_future(
                        tell(client, at, kind, f"W{n}", event_ref=f"{kind}-{n}", **more)
                    )
                    for kind, more in words
                    for client in (first, second)
                ]
                for _ in range(300):
                    waiting = await holding.fetchval(
                        "select count(*) from pg_locks where not granted"
                    )
                    if waiting >= 3:
                        break
                    await asyncio.sleep(0.01)
            answers = await asyncio.gather(*running)
            assert sorted(each.json()["standing"] for each in answers) == [
                *("known", "known", "known", "taken", "taken", "taken")
            ]
            assert (await look(second, at.platform, one.ref))["is_final"]
    async with houses[0].app.db.reading() as tx:
        held = await tx.fetchval("select count(*) from settlement_holds where lifted_at is null")
        lifted = await tx.fetchval("select count(*) from settlement_holds")
        words_kept = await tx.fetchval("select count(*) from order_events")
    assert (held, lifted, words_kept) == (0, ROUNDS, 3 * ROUNDS)


@pytest.mark.requirement("R2.4")
async def test_of_payment_and_cancellation_at_once_one_wins_and_the_other_is_told(
    two: tuple[Database, Database],
) -> None:
    houses = [make_house(one) for one in two]
    campaign = await publish(houses[0])
    at = await trade(houses[0], campaign)
    paid = 0
    async with visit(houses[0]) as first, visit(houses[1]) as second:
        for n in range(ROUNDS):
            one = await ordered(first, at, lane=n % campaign.lanes)
            payment = {"order_ref": one.ref, "payment_ref": f"p-{n}", "paid_fen": one.to_pay_fen}
            async with two[0].transaction() as holding:
                await holding.execute(
                    "select from vouchers where lane = $1 for update", n % campaign.lanes
                )
                running = [
                    asyncio.ensure_future(ask(first, at.platform, "payments", **payment)),
                    asyncio.ensure_future(
                        ask(second, at.platform, "cancellations", order_ref=one.ref)
                    ),
                ]
                if n % 2:
                    running.reverse()
                for _ in range(300):
                    waiting = await holding.fetchval(
                        "select count(*) from pg_locks where not granted"
                    )
                    if waiting >= 2:
                        break
                    await asyncio.sleep(0.01)
            told = sorted(
                [each.json().get("code") or "done" for each in await asyncio.gather(*running)]
            )
            assert told in (["already_redeemed", "done"], ["done", "lock_released"]), told
            paid += "already_redeemed" in told
    async with houses[0].app.db.reading() as tx:
        kept = [
            await tx.fetchval(f"select count(*) from {name}")
            for name in ("redemptions", "settlement_holds where lifted_at is null")
        ]
    assert kept == [paid, paid]
    await counted_again(houses[0], campaign)
