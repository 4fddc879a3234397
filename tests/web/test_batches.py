"""The queue of a lane: whoever cannot be answered in time is told so before any work is done."""

import asyncio
from collections.abc import Sequence
from typing import Any

from huiquan.domain.refusals import Refusal
from huiquan.web.batches import BATCH_MAX, FIRST_BATCH_MAX, WAITING_MAX, BatchQueue, Waiting


class Lane:
    """Settles batches when the test lets it, and remembers who was in them."""

    def __init__(self, turns: asyncio.Semaphore | None = None) -> None:
        self.batches: list[list[int]] = []
        self.may_go = asyncio.Event()
        self.heard: dict[int, Any] = {}
        self.queue: BatchQueue[int, str] = BatchQueue(self.settle, turns or asyncio.Semaphore())

    async def settle(self, asked: Sequence[int]) -> Sequence[str]:
        self.batches.append(list(asked))
        await self.may_go.wait()
        return [f"answer {one}" for one in asked]

    def ask(self, number: int, until: float, now: float = 0.0) -> None:
        self.queue.ask(Waiting(number, lambda told: self.heard.update({number: told}), until), now)

    async def finish(self) -> None:
        self.may_go.set()
        if self.queue.worker is not None:
            await self.queue.worker


def soon() -> float:
    return asyncio.get_running_loop().time() + 3600


async def test_who_comes_while_a_batch_runs_shares_the_next_one() -> None:
    lane = Lane()
    lane.ask(0, soon())
    await asyncio.sleep(0)
    for number in range(1, FIRST_BATCH_MAX + 1):
        lane.ask(number, soon())
    await lane.finish()
    assert [len(batch) for batch in lane.batches] == [1, FIRST_BATCH_MAX]
    assert lane.heard == {n: f"answer {n}" for n in range(FIRST_BATCH_MAX + 1)}


async def test_a_batch_is_at_most_twice_as_large_as_the_one_before() -> None:
    lane = Lane()
    lane.may_go.set()
    for number in range(3 * BATCH_MAX):
        lane.ask(number, soon())
    await lane.finish()
    assert [len(batch) for batch in lane.batches] == [64, 128, 256, 500, 500, 52]
    assert lane.heard == {n: f"answer {n}" for n in range(3 * BATCH_MAX)}
    lane.ask(-1, soon())
    await lane.finish()
    assert lane.queue.batch_max == FIRST_BATCH_MAX


async def test_who_is_late_is_told_so_and_never_settled() -> None:
    lane = Lane()
    lane.ask(0, soon())
    await asyncio.sleep(0)
    now = asyncio.get_running_loop().time()
    lane.ask(1, now + 1)
    lane.ask(2, now + 2)
    lane.queue.turn_away_late(now + 1)
    assert lane.heard == {1: Refusal.BUSY}
    lane.queue.turn_away_late(now + 2)
    lane.ask(3, soon())
    await lane.finish()
    assert lane.batches == [[0], [3]]
    assert lane.heard[2] is Refusal.BUSY


async def test_who_was_taken_into_a_batch_is_told_what_became_of_it_however_late() -> None:
    lane = Lane()
    lane.ask(0, asyncio.get_running_loop().time() + 1)
    await asyncio.sleep(0)
    lane.queue.turn_away_late(soon())
    assert lane.heard == {}
    await lane.finish()
    assert lane.heard == {0: "answer 0"}


async def test_a_slow_lane_turns_away_who_could_not_be_answered_in_time() -> None:
    lane = Lane()
    lane.ask(0, soon())
    await asyncio.sleep(0)
    lane.queue.batch_s, now = 1.0, soon()
    lane.ask(1, until=now + 0.9, now=now)
    assert lane.heard == {1: Refusal.BUSY}
    lane.ask(2, until=now + 1.1, now=now)
    await lane.finish()
    assert lane.batches == [[0], [2]]


async def test_who_comes_while_a_batch_is_settled_waits_for_its_rest_and_for_their_own() -> None:
    lane = Lane()
    lane.ask(0, soon())
    await asyncio.sleep(0)
    lane.queue.batch_s = 1.0
    for at_s, wait_s in ((0.0, 2.0), (0.25, 1.75), (1.0, 1.0), (5.0, 1.0)):
        assert round(lane.queue.wait_s(lane.queue.began + at_s), 9) == wait_s
    lane.queue.waiting.extend([Waiting(1, print, soon())] * FIRST_BATCH_MAX)
    assert round(lane.queue.wait_s(lane.queue.began + 0.25), 9) == 2.75
    lane.queue.waiting.clear()
    await lane.finish()
    assert lane.queue.wait_s(soon()) == 0.0


async def test_there_is_room_for_as_many_as_could_be_answered_in_time() -> None:
    lane = Lane()
    assert lane.queue.room(0.0, 1.0) == WAITING_MAX
    lane.ask(0, soon())
    await asyncio.sleep(0)
    lane.queue.batch_s = 1.0
    for at_s in (0.0, 0.25, 1.0, 5.0):
        now = lane.queue.began + at_s
        for within_s in (0.5, 1.0, 1.8, 2.2, 3.3):
            lane.queue.waiting.clear()
            room = lane.queue.room(now, within_s)
            for _ in range(room):
                assert lane.queue.wait_s(now) <= within_s
                lane.queue.waiting.append(Waiting(1, print, soon()))
            assert lane.queue.wait_s(now) > within_s
            assert lane.queue.room(now, within_s) == 0
    lane.queue.waiting.clear()
    await lane.finish()


async def test_who_comes_while_the_lane_waits_for_its_turn_is_taken_along() -> None:
    turns = asyncio.Semaphore(1)
    busy, waiting = Lane(turns), Lane(turns)
    busy.ask(0, soon())
    await asyncio.sleep(0)
    waiting.ask(1, soon())
    await asyncio.sleep(0)
    waiting.queue.batch_s = 1.0
    assert round(waiting.queue.wait_s(waiting.queue.began + 0.25), 9) == 0.75
    waiting.may_go.set()
    await busy.finish()
    await waiting.finish()


async def test_a_lane_that_was_stuck_lets_people_in_as_soon_as_nobody_is_at_work() -> None:
    lane = Lane()
    lane.may_go.set()
    lane.ask(0, soon())
    await lane.finish()
    lane.queue.batch_s, now = 60.0, soon()
    lane.ask(1, until=now + 1.5, now=now)
    await lane.finish()
    assert lane.heard[1] == "answer 1"
    assert lane.queue.batch_s < 31


async def test_a_full_lane_turns_away_at_once() -> None:
    lane = Lane()
    for number in range(WAITING_MAX + 1):
        lane.ask(number, soon())
    assert lane.heard == {WAITING_MAX: Refusal.BUSY}
    await lane.finish()
    assert len(lane.heard) == WAITING_MAX + 1


async def test_a_fault_is_told_to_everyone_of_its_batch_and_to_nobody_else() -> None:
    fault = ConnectionError("the database went away")

    async def fail_once(asked: Sequence[int]) -> Sequence[str]:
        if 0 in asked:
            raise fault
        return ["answer" for _ in asked]

    lane = Lane()
    lane.queue.settle = fail_once
    lane.ask(0, soon())
    lane.ask(1, soon())
    await lane.finish()
    lane.ask(2, soon())
    await lane.finish()
    assert lane.heard == {0: fault, 1: fault, 2: "answer"}


async def test_who_comes_while_a_lane_waits_for_its_turn_is_in_its_batch() -> None:
    turns = asyncio.Semaphore(1)
    busy, waiting = Lane(turns), Lane(turns)
    busy.ask(0, soon())
    await asyncio.sleep(0)
    for number in range(3):
        waiting.ask(number, soon())
        await asyncio.sleep(0)
    assert waiting.batches == []
    waiting.may_go.set()
    await busy.finish()
    await waiting.finish()
    assert waiting.batches == [[0, 1, 2]]


async def test_lanes_take_turns_in_the_order_in_which_they_began_to_wait() -> None:
    turns = asyncio.Semaphore(1)
    lanes = [Lane(turns) for _ in range(4)]
    order: list[int] = []
    for place, lane in enumerate(lanes):

        async def settle(asked: Sequence[int], place: int = place) -> Sequence[str]:
            order.append(place)
            await asyncio.sleep(0)
            return ["answer" for _ in asked]

        lane.queue.settle = settle
    await turns.acquire()
    for lane in (lanes[2], lanes[0], lanes[3], lanes[1]):
        for number in range(FIRST_BATCH_MAX + 1):
            lane.ask(number, soon())
        await asyncio.sleep(0)
    turns.release()
    await asyncio.gather(*(lane.finish() for lane in lanes))
    assert order == [2, 0, 3, 1, 2, 0, 3, 1]
