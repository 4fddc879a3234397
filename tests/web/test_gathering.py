"""Reads that are shared: one for all who came meanwhile, and never older than the question."""

import asyncio
from collections.abc import Sequence

import pytest

from huiquan.web import gathering
from huiquan.web.gathering import Gathering, GatheringFullError


class Shelf:
    """Something to read from that can be held up, and that remembers what was asked."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.asked: list[list[int]] = []
        self.fault: Exception | None = None

    async def read(self, keys: Sequence[int]) -> dict[int, str]:
        self.asked.append(list(keys))
        await self.open.wait()
        if self.fault is not None:
            raise self.fault
        return {key: f"book {key}" for key in keys if key < 100}


async def test_who_comes_while_a_read_runs_shares_the_next() -> None:
    shelf = Shelf()
    shelf.open.clear()
    reads: Gathering[int, str] = Gathering(shelf.read)
    first = asyncio.create_task(reads.get(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(reads.get(key)) for key in (1, 2, 2, 300)]
    await asyncio.sleep(0)
    shelf.open.set()
    assert await first == "book 1"
    assert await asyncio.gather(*others) == ["book 1", "book 2", "book 2", None]
    # The second question for 1 came after the first read began, so it is read again.
    assert shelf.asked == [[1], [1, 2, 300]]


async def test_a_fault_reaches_all_it_was_for_and_the_next_read_goes_on() -> None:
    shelf = Shelf()
    reads: Gathering[int, str] = Gathering(shelf.read)
    shelf.fault = ConnectionError("away")
    answers = await asyncio.gather(reads.get(1), reads.get(2), return_exceptions=True)
    assert [type(one) for one in answers] == [ConnectionError, ConnectionError]
    shelf.fault = None
    assert await reads.get(1) == "book 1"


async def test_who_goes_away_takes_the_answer_from_nobody() -> None:
    shelf = Shelf()
    shelf.open.clear()
    reads: Gathering[int, str] = Gathering(shelf.read)
    leaves, stays = asyncio.create_task(reads.get(1)), asyncio.create_task(reads.get(1))
    await asyncio.sleep(0)
    leaves.cancel()
    await asyncio.sleep(0)
    shelf.open.set()
    assert await stays == "book 1"


async def test_no_more_wait_than_can_be_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "ASKED_MAX", 2)
    shelf = Shelf()
    reads: Gathering[int, str] = Gathering(shelf.read)
    waiting = [asyncio.create_task(reads.get(key)) for key in (1, 2, 3)]
    await asyncio.wait(waiting)
    assert [type(one.exception()) for one in waiting] == [
        type(None),
        type(None),
        GatheringFullError,
    ]
