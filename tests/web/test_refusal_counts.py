"""Refusals are counted by day, door and reason, and survive a database that is away."""

import pytest

from huiquan.db.connection import Database
from huiquan.domain.refusals import Refusal
from huiquan.web.refusal_counts import DOORS_MAX, ELSEWHERE, RefusalCounts
from tests.houses import OPEN, make_house, publish, visit


@pytest.mark.requirement("R2.3")
async def test_every_refusal_at_a_door_is_counted_in_the_tables(database: Database) -> None:
    house = make_house(database)
    await publish(house)
    async with visit(house) as client:
        for _ in range(3):
            assert (await client.get("/api/v1/me")).status_code == 401
        assert (await client.get("/api/v1/vouchers/V001")).status_code == 401
    async with house.app.db.reading() as tx:
        rows = await tx.fetch("select day, door, code, refused from refusal_counts order by door")
    assert [tuple(row) for row in rows] == [
        (20260206, "/api/v1/me", "unauthenticated", 3),
        (20260206, "/api/v1/vouchers", "unauthenticated", 1),
    ]


def test_made_up_addresses_fill_neither_memory_nor_table() -> None:
    counts = RefusalCounts(lambda: OPEN)
    for path in ("/api/v1/a\0b", "/api/v1/\ud800x", "/api/v1/" + "x" * 5000, "/api/v1/V001"):
        counts.count(path, Refusal.NOT_FOUND)
    assert [one[1:] for one in counts.take()] == [("/api/v1", "not_found", 4)]
    for number in range(DOORS_MAX * 3):
        counts.count(f"/api/v1/made-up-{number}", Refusal.NOT_FOUND)
    doors = {door: refused for _, door, _, refused in counts.take()}
    assert len(doors) == DOORS_MAX + 1
    assert doors[ELSEWHERE] == DOORS_MAX * 2


def test_what_could_not_be_written_is_counted_with_the_next() -> None:
    counts = RefusalCounts(lambda: OPEN)
    counts.count("/api/v1/me", Refusal.FORBIDDEN)
    taken = counts.take()
    counts.count("/api/v1/me", Refusal.FORBIDDEN)
    counts.give_back(taken)
    assert [one[3] for one in counts.take()] == [2]
    assert counts.take() == []
