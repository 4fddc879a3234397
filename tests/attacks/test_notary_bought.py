""" "The notary was in on it: they had her key, and their friends won."

Platform and notary together know half of the randomness of every list they think of, before they
choose. The other half is the auditor's, who proves one list for each round and then no other.
"""

from pathlib import Path

import pytest

from huiquan.domain import rounds
from tests.attacks.weakened import careless_proof
from tests.drills.bought_notary import (
    HOUSE,
    candidates,
    drawn_with,
    friends_day,
    is_by_chance,
    play,
)


def careless_proofs(raw_seal: bytes) -> tuple[bytes, bytes]:
    """Both proofs of whatever they are shown."""
    return careless_proof("notary", raw_seal), careless_proof("auditor", raw_seal)


def test_an_auditor_who_proves_every_list_makes_the_friends_win() -> None:
    day, wins = friends_day(), 0
    for _ in range(60):
        day.enter(1)
        seal, taken = day.seal(0, 10, 1)
        drawn = [
            (one[0], drawn_with(day, *one, *careless_proofs(rounds.encode_seal(one[0]))))
            for one in candidates(seal, taken)
        ]
        best = max(drawn, key=lambda one: one[1].outcomes[0].kept)
        wins += best[1].outcomes[0].kept
        day.go_on(*best)
    assert not is_by_chance(wins, 60)


@pytest.mark.requirement("R2.1")
def test_with_our_auditor_the_friends_win_as_often_as_anyone(tmp_path: Path) -> None:
    """T2: over many rounds the rate stays within four deviations of the published chance.

    `make drill` plays the hundred thousand rounds that tell half a point of a hundred from chance.
    """
    assert is_by_chance(play(tmp_path, HOUSE), HOUSE)


@pytest.mark.parametrize(
    ("wins", "drawn", "is_so"),
    [
        (25_547, 100_000, True),
        (25_548, 100_000, False),
        (24_453, 100_000, True),
        (24_452, 100_000, False),
        (304, 1_000, True),
        (305, 1_000, False),
    ],
)
def test_four_deviations_are_what_they_are(wins: int, drawn: int, is_so: bool) -> None:
    assert is_by_chance(wins, drawn) is is_so
