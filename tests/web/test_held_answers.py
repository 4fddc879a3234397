"""Answers that are held: all are said, in their order, and only so many at a time."""

import asyncio
from functools import partial

import pytest

from huiquan.web import held_answers
from huiquan.web.held_answers import SAID_AT_ONCE, HeldAnswers


async def test_nothing_is_said_before_its_time() -> None:
    held, said = HeldAnswers(), list[int]()
    held.hold(partial(said.append, 1))
    for _ in range(5):
        await asyncio.sleep(0)
    assert (said, len(held)) == ([], 1)


async def test_all_is_said_in_its_order_and_only_so_much_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(held_answers, "HELD_S", 0.0)
    monkeypatch.setattr(held_answers, "LOOK_S", 0.0)
    held, said, left = HeldAnswers(), list[int](), list[int]()
    count = 2 * SAID_AT_ONCE + 1
    for number in range(count):
        held.hold(partial(said.append, number))
    for _ in range(1000):
        left.append(len(held))
        await asyncio.sleep(0)
    assert said == list(range(count))
    # One look at each turn of the event loop, or none.
    assert sorted(set(left), reverse=True) == [count, count - SAID_AT_ONCE, 1, 0]


async def test_whoever_hears_and_comes_again_waits_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_answers, "LOOK_S", 0.001)
    monkeypatch.setattr(held_answers, "HELD_S", 0.0)
    held, visits = HeldAnswers(), list[str]()

    def come_again() -> None:
        visits.append("machine")
        if len(visits) < 50:
            held.hold(come_again)

    held.hold(come_again)
    held.hold(partial(visits.append, "a person"))
    for _ in range(1000):
        await asyncio.sleep(0.001)
        if len(visits) > 10:
            break
    assert visits[:2] == ["machine", "a person"]
