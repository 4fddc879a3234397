"""Sixty-four clients want one thing: one gets it. `make races` plays ten thousand rounds of it."""

import asyncio

import pytest

from huiquan.db.embedded import Embedded
from tests.races.rounds import run

ROUNDS = 32


@pytest.mark.requirement("R2.4")
@pytest.mark.requirement("R5.3")
def test_of_64_clients_one_gets_it_each_time(postgres: Embedded) -> None:
    races = asyncio.run(run(postgres, ROUNDS, seed=1))
    assert races.wrong == []
    assert races.rounds == ROUNDS
    signed = {
        f"{what}, over the acquirer's door" for what in ("one code", "one lock", "one refund")
    }
    assert {"one code, within", "redeem or unlock, within", *signed} <= set(races.kinds)
    assert any(kind.endswith("over HTTP") for kind in races.kinds)


def test_races_that_are_stopped_are_reckoned_as_far_as_they_went(postgres: Embedded) -> None:
    stop, asked = asyncio.Event(), 200
    races = asyncio.run(run(postgres, asked, seed=2, stop=stop, on_round=lambda _: stop.set()))
    assert races.wrong == []
    assert 0 < races.rounds < asked
    assert races.successes.total() == races.rounds
