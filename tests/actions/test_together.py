"""Several writes in one journey: all or nothing, in their order, on one machine or on many."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from huiquan.db.connection import Database, Tx
from huiquan.db.together import Question, UndoneError, Write, asked_with, together
from huiquan.domain.refusals import Refusal
from tests.actions.tills import locked, redeem
from tests.houses import make_house, publish
from tests.shops import counted_again, shop, winner

TOOK_PLACE = "select tag, subject from audit order by audit_id"


def line(subject: str, **told: str | Refusal) -> Write:
    """A line that is written unless its subject is empty."""
    return Write(
        sql="""
        insert into audit (at, actor, tag, subject)
        select now(), 'test', $1, $2
         where $2 <> ''
        returning 1
        """,
        args=("test:written", subject),
        **told,  # type: ignore[arg-type]
    )


@pytest.fixture(params=["one machine", "many machines"])
async def tx(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Tx]:
    async with database.transaction() as opened:
        opened._con.is_cluster = request.param == "many machines"
        yield opened
        opened._con.is_cluster = False


async def test_all_are_written_in_their_order_each_with_its_own_arguments(tx: Tx) -> None:
    await together(tx, line("first"), line("second"), line(""), line("third"))
    found = await tx.fetch(TOOK_PLACE)
    assert [row["subject"] for row in found] == ["first", "second", "third"]


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_one_that_came_too_late_undoes_them_all(tx: Tx, place: int) -> None:
    writes = [line("first"), line("second")]
    writes.insert(place, line("", refusal=Refusal.ORDER_CLOSED))
    with pytest.raises(UndoneError) as raised:
        async with tx.transaction():
            await together(tx, *writes)
    assert raised.value.refusal is Refusal.ORDER_CLOSED
    assert await tx.fetch(TOOK_PLACE) == []


async def test_a_broken_promise_is_said_by_its_name(tx: Tx) -> None:
    with pytest.raises(AssertionError, match="it was held for this"):
        await together(
            tx, line("first"), line("", promise="it moved although it was held for this")
        )


@pytest.mark.parametrize(("wanted", "said"), [(7, 7), (8, None)])
async def test_two_questions_are_answered_as_if_each_had_been_asked(
    tx: Tx, wanted: int, said: int | None
) -> None:
    first = Question(sql="select $1::integer as one", args=(5,))
    second = Question(
        sql="select n, null::text as nothing from generate_series(1, $1::integer) n where n = $2",
        args=(7, wanted),
    )
    one, found = await asked_with(tx, first, second)
    assert one["one"] == 5
    assert (found["n"] if found else None) == said


async def test_whoever_waits_for_a_payment_holds_no_book(database: Database) -> None:
    """Else two tills could wait for each other: one for the payment, one for the lane's book."""
    house = make_house(database)
    campaign = await publish(house)
    at = await shop(house, campaign)
    taken = await locked(house, at, await winner(house, campaign))
    async with database.transaction() as holding:
        await holding.execute("insert into payments values ($1, 'p-1', 0, 1, 0, 1)", at.merchant_id)
        waiting = asyncio.ensure_future(redeem(house, at, taken.lock_id, "p-1"))
        async with database.transaction() as looking:
            for _ in range(500):
                if await looking.fetchval("select count(*) from pg_locks where not granted"):
                    break
                await asyncio.sleep(0.01)
            assert not waiting.done()
            assert await looking.fetch("select from books where lane = 0 for update nowait")
    assert await waiting is Refusal.PAYMENT_REF_USED
    async with database.reading() as reading:
        assert await reading.fetchval("select count(*) from redemptions") == 0
    await counted_again(house, campaign)


async def test_nobody_who_only_looks_may_book(database: Database) -> None:
    may = """
        select has_function_privilege(oid, 'execute')
          from pg_proc
         where proname = 'book_transfers'
    """
    async with database.reading() as reading, database.transaction() as writing:
        assert not await reading.fetchval(may)
        assert await writing.fetchval(may)
