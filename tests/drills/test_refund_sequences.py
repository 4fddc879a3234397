"""Whoever works together gains no public money by any order of refunds, settlements and returns."""

from collections.abc import Iterable

import pytest

from huiquan.domain.ledger import Kind, Transfer
from tests.drills.refund_sequences import Sequence, play_many


@pytest.mark.requirement("R2.4")
@pytest.mark.requirement("R2.5")
def test_no_sequence_of_refunds_leaves_a_pair_with_public_money() -> None:
    """Four thousand of the million that `make refunds` plays, of another seed."""
    seen = play_many(2, 0, 4_000)
    kinds = {"redeem", "refund", "late refund", "settle", "pay", "bounce", "return"}
    assert set(seen) == kinds
    assert min(seen.values()) > 100


class LeftOut(Sequence):
    """A house that forgets one kind of movement."""

    kind: Kind

    def move(self, transfers: Iterable[Transfer]) -> None:
        super().move(one for one in transfers if one.kind is not self.kind)


@pytest.mark.parametrize("kind", [Kind.REFUND, Kind.REFUND_LATE, Kind.RECOVER, Kind.BOUNCE])
def test_a_house_that_forgets_a_movement_is_found_out(kind: Kind) -> None:
    LeftOut.kind = kind
    with pytest.raises(AssertionError):
        play_forgetting(500)


def play_forgetting(count: int) -> None:
    for number in range(count):
        LeftOut(f"forgotten/{number}").play()
