"""Answers that are held: all are said, in their order, and only so many in a time."""

import asyncio
from functools import partial

import pytest

from huiquan.web import held_answers
from huiquan.web.held_answers import ALL_WITHIN_S, LOOK_S, SAID_A_SECOND, HeldAnswers


class Looks(HeldAnswers):
    """Held answers that are looked at when the test says so, at the test's own time."""

    now = 0.0

    def look_after(self, seconds: float) -> None:
        self.now += seconds
        self._look()


@pytest.fixture
async def held(monkeypatch: pytest.MonkeyPatch) -> Looks:
    looks = Looks()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "time", lambda: looks.now)
    monkeypatch.setattr(loop, "call_later", lambda *_: asyncio.TimerHandle(0, print, (), loop))
    return looks


def hold(held: Looks, count: int) -> list[int]:
    said: list[int] = []
    for number in range(count):
        held.hold(partial(said.append, number))
    return said


async def test_nothing_is_said_before_its_second_is_over(held: Looks) -> None:
    said = hold(held, 3)
    held.look_after(0.99)
    assert (said, len(held)) == ([], 3)
    held.look_after(0.01)
    assert (said, len(held)) == ([0, 1, 2], 0)


async def test_while_nobody_is_let_in_few_are_said_in_their_order(held: Looks) -> None:
    said = hold(held, SAID_A_SECOND * 2)
    held.look_after(1 - LOOK_S)
    for look in range(1, 51):
        held.look_after(LOOK_S)
        assert len(said) == pytest.approx(look * SAID_A_SECOND * LOOK_S, abs=look + 1)
    assert said == list(range(len(said)))


async def test_one_is_said_for_every_four_who_are_let_in_if_that_is_more(held: Looks) -> None:
    said = hold(held, 1000)
    held.look_after(1.0)
    before = len(said)
    assert before == SAID_A_SECOND + 1
    held.let_in(4 * SAID_A_SECOND)
    held.look_after(0.0)
    assert len(said) == before + 1
    held.let_in(600)
    held.look_after(0.0)
    assert len(said) == before + 150 + 1
    held.look_after(0.0)
    assert len(said) == before + 150 + 2


async def test_a_time_in_which_nobody_was_told_is_not_counted_against_those_let_in(
    held: Looks,
) -> None:
    said = hold(held, 1000)
    for _ in range(49):
        held.look_after(LOOK_S)
    assert said == []
    held.let_in(4 * SAID_A_SECOND)
    held.look_after(2 * LOOK_S)
    assert len(said) >= SAID_A_SECOND


async def test_many_are_all_said_within_some_seconds(held: Looks) -> None:
    count = 40_000
    said = hold(held, count)
    held.look_after(1.0)
    first = len(said)
    assert first == pytest.approx(count / ALL_WITHIN_S, rel=0.01)
    held.look_after(0.0)
    assert len(said) == first + 1


async def test_after_a_long_turn_of_the_loop_what_belongs_to_it_is_said(held: Looks) -> None:
    said = hold(held, SAID_A_SECOND)
    held.look_after(1.0)
    assert len(said) == SAID_A_SECOND


async def test_whoever_hears_and_comes_again_waits_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_answers, "HELD_S", 0.0)
    monkeypatch.setattr(held_answers, "LOOK_S", 0.001)
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
