""" "Their verification page shows a green tick, whatever you feed it."

A verifier is judged by what it refuses. The drill is put to a verifier as an argument: one that
always says yes misses every edit, and the drill says so; ours misses none.
"""

from collections.abc import Callable
from itertools import islice

import pytest

from huiquan.domain.verdicts import Verdict
from huiquan.domain.verification_day import verify_day
from tests.attacks.weakened import yes_man
from tests.domain.draw_days import published_keys
from tests.drills.drafts import Files
from tests.drills.tampering import Tampered, cases, is_fit, tampered


def edits(count: int) -> list[Tampered]:
    """Edits of one honest day."""
    return list(islice(tampered(8, cases(8, 1)), count))


def missed(verifier: Callable[[Files], Verdict], drill: list[Tampered]) -> int:
    """How many edits a verifier misses or names unfitly."""
    return sum(not is_fit(one, verifier(one.files).finding) for one in drill)


@pytest.mark.requirement("R5.1")
def test_the_drill_finds_out_a_verifier_that_always_says_yes() -> None:
    drill = edits(30)
    assert missed(yes_man, drill) == len(drill)
    assert missed(lambda files: verify_day(files, published_keys()), drill) == 0
