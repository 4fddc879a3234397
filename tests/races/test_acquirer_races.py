"""Two web processes, one code, one number, one nonce: each thing still happens once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest

from huiquan.db.connection import Database, open_database
from huiquan.domain.campaigns import Campaign
from tests.acquirers import Machine, lock, machine
from tests.houses import House, make_house, publish, visit
from tests.shops import counted_again, fresh_code, order, shop, winner

Ask = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]
EACH = 16


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[tuple[Database, Database]]:
    """Two processes' connections to one database."""
    opened = [await open_database(database_url, connections=EACH + 4) for _ in range(2)]
    yield opened[0], opened[1]
    for one in opened:
        await asyncio.wait_for(one.close(), 10)


async def from_both(houses: list[House], hold: str, ask: Ask) -> tuple[Counter[str], set[bytes]]:
    """Everyone asks at once, half through each process, while a row they all need is held.

    Gives the tally of what was answered, and the different good answers.
    """
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(visit(house)) for house in houses]
        async with houses[0].app.db.transaction() as holding:
            await holding.execute(hold)
            running = [
                asyncio.ensure_future(ask(client)) for client in clients for _ in range(EACH)
            ]
            for _ in range(500):
                waiting = await holding.fetchval("select count(*) from pg_locks where not granted")
                if waiting >= EACH or all(one.done() for one in running):
                    break
                await asyncio.sleep(0.01)
        answers = await asyncio.gather(*running)
    for one in answers:
        assert one.status_code < 500, one.text
    told = Counter("served" if one.status_code < 400 else one.json()["code"] for one in answers)
    return told, {one.content for one in answers if one.status_code < 400}


async def opened(two: tuple[Database, Database]) -> tuple[list[House], Campaign, Machine]:
    houses = [make_house(one) for one in two]
    campaign = await publish(houses[0])
    await shop(houses[0], campaign)
    return houses, campaign, await machine(houses[0])


def all_vouchers(campaign: Campaign) -> str:
    """Holds every voucher, lane by lane: a cluster holds no rows of many lanes in one question."""
    return ";".join(
        f"select from vouchers where lane = {lane} for update" for lane in range(campaign.lanes)
    )


@pytest.mark.requirement("R2.4")
async def test_one_code_under_many_numbers_gives_one_lock(two: tuple[Database, Database]) -> None:
    houses, campaign, at = await opened(two)
    async with visit(houses[0]) as client:
        code = await fresh_code(client, await winner(houses[0], campaign))
    numbers = iter(range(1000))
    told, good = await from_both(
        houses,
        all_vouchers(campaign),
        lambda client: at.post(
            client,
            "locks",
            order_ref=f"o-{next(numbers)}",
            store="jianghan",
            code=code,
            **order("1000"),
        ),
    )
    assert told == {"served": 1, "code_used": 2 * EACH - 1}
    assert len(good) == 1
    async with houses[0].app.db.reading() as tx:
        assert await tx.fetchval("select count(*) from acquirer_orders") == 1
    await counted_again(houses[0], campaign)


@pytest.mark.requirement("R2.4")
async def test_one_payments_number_redeems_once_and_answers_alike(
    two: tuple[Database, Database],
) -> None:
    houses, campaign, at = await opened(two)
    async with visit(houses[0]) as client:
        await lock(client, at, await winner(houses[0], campaign), "o-1")
    told, good = await from_both(
        houses,
        all_vouchers(campaign),
        lambda client: at.post(
            client, "redemptions", order_ref="o-1", payment_ref="p-1", paid_fen=80_000
        ),
    )
    assert (told, len(good)) == ({"served": 2 * EACH}, 1)
    async with houses[0].app.db.reading() as tx:
        counts = [
            await tx.fetchval(f"select count(*) from {name}")
            for name in ("redemptions", "acquirer_payments", "callbacks")
        ]
    assert counts == [1, 1, 1]
    await counted_again(houses[0], campaign)


@pytest.mark.requirement("R2.4")
async def test_one_payment_for_two_orders_pays_for_one(two: tuple[Database, Database]) -> None:
    houses, campaign, at = await opened(two)
    async with visit(houses[0]) as client:
        await lock(client, at, await winner(houses[0], campaign), "o-0")
        await lock(client, at, await winner(houses[0], campaign, lane=1), "o-1")
    turns = iter(range(1000))
    told, good = await from_both(
        houses,
        all_vouchers(campaign),
        lambda client: at.post(
            client,
            "redemptions",
            order_ref=f"o-{next(turns) % 2}",
            payment_ref="p-1",
            paid_fen=80_000,
        ),
    )
    assert told == {"served": EACH, "request_key_reused": EACH}
    assert len(good) == 1
    await counted_again(houses[0], campaign)


@pytest.mark.requirement("R2.5")
async def test_one_signed_request_is_heard_once_by_two_processes(
    two: tuple[Database, Database],
) -> None:
    houses, _, at = await opened(two)
    target, body = "/acquirer/v1/unlocks", b'{"order_ref":"o-1"}'
    headers = at.headers("POST", target, body)
    told, _ = await from_both(
        houses,
        "lock table acquirer_nonces in share mode",
        lambda client: client.post(target, content=body, headers=headers),
    )
    assert told == {"served": 1, "request_replayed": 2 * EACH - 1}


async def test_closing_an_order_and_its_arriving_exclude_each_other(
    two: tuple[Database, Database],
) -> None:
    houses, campaign, at = await opened(two)
    async with visit(houses[0]) as first, visit(houses[1]) as second:
        for turn in range(6):
            who = await winner(houses[0], campaign, lane=turn % campaign.lanes)
            code = await fresh_code(first, who)
            ref = f"o-{turn}"
            locked, closed = await asyncio.gather(
                at.post(
                    first, "locks", order_ref=ref, store="jianghan", code=code, **order("1000")
                ),
                at.post(second, "unlocks", order_ref=ref),
            )
            assert closed.status_code == 200, closed.text
            state = (await at.get(first, f"orders/{ref}")).json()["state"]
            if locked.status_code == 201:
                assert (closed.json()["state"], state) == ("unlocked", "unlocked")
            else:
                assert locked.json()["code"] == "order_closed"
                assert (closed.json()["state"], state) == ("closed", "closed")
    await counted_again(houses[0], campaign)
