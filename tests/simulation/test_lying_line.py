"""The acquirers' lying line insists on what the house owes it, and on nothing more."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from simulation.acquirer import ForgeryTakenError, Lie, LyingLine, Signing

AT = datetime(2026, 2, 6, 10, tzinfo=UTC)


def line_to(answers: list[int], lie: Lie) -> LyingLine:
    """A line that lies in one way, to a house that answers with these one after the other."""

    async def send(
        method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        return answers.pop(0), b"{}"

    line = LyingLine(
        send=send,
        signing=Signing(key_id="k", sign=lambda text: text, clock=lambda: AT),
        dice=random.Random(1),
        rate=1.0,
    )
    line._deck = [lie]
    return line


@pytest.mark.parametrize("first", [429, 503])
async def test_what_may_never_have_arrived_is_not_sent_again_as_a_replay(first: int) -> None:
    answers = [first, 201]
    told = await line_to(answers, Lie.REPLAY).ask("POST", "/acquirer/v1/locks", b"{}")
    assert (told, answers) == ((first, b"{}"), [201])


async def test_what_was_answered_and_comes_again_has_to_be_refused() -> None:
    told = await line_to([201, 401], Lie.REPLAY).ask("POST", "/acquirer/v1/locks", b"{}")
    assert told == (201, b"{}")
    with pytest.raises(ForgeryTakenError):
        await line_to([201, 201], Lie.REPLAY).ask("POST", "/acquirer/v1/locks", b"{}")
