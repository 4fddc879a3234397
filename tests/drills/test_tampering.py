"""A small tamper drill with every test run; the large one is `make drill`.  篡改演练"""

import random
from functools import cache
from itertools import islice
from typing import Any

import pytest

from huiquan.domain.verdicts import Wrong
from tests.drills.drafts import ALL, PLATFORM, Case
from tests.drills.edits import Edit
from tests.drills.honest_days import honest_day, random_shape
from tests.drills.paper_edits import other_name
from tests.drills.tampering import EDITS, Tampered, cases, edit_signed, found_in, is_fit, tampered


@cache
def some_days() -> tuple[Case, ...]:
    """Two honest days to be edited."""
    return tuple(cases(3, 2))


class Chosen(random.Random):
    """Dice that fall as they are told."""

    def __init__(self, field: str) -> None:
        super().__init__(0)
        self.field = field

    def choice(self, seq: Any) -> Any:
        """The side that was told."""
        assert self.field in seq
        return self.field


def made(edit: Edit, signers: tuple[str, ...]) -> Tampered:
    """An edit of the first day that has something to change."""
    dice = random.Random(edit.__name__)
    tries = (edit_signed(case, dice, edit, signers) for case in some_days() * 8)
    return next(one for one in tries if one is not None)


@pytest.mark.requirement("R5.1")
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_every_edit_is_found_and_fitly_named_even_if_all_three_sign_it(edit: Edit) -> None:
    one = made(edit, ALL)
    finding = found_in(one.files)
    assert is_fit(one, finding), (one.name, finding)


@pytest.mark.parametrize("edit", list(EDITS)[::6], ids=lambda edit: edit.__name__)
def test_a_platform_cannot_sign_an_edit_alone(edit: Edit) -> None:
    finding = found_in(made(edit, PLATFORM).files)
    assert finding is not None
    assert finding.wrong in {Wrong.BAD_SIGNATURE, Wrong.KEYS_DIFFER, Wrong.UNREADABLE}


@pytest.mark.parametrize("field", ["campaign", "platform", "epoch", "day"])
def test_another_name_that_the_platform_signs_alone_is_fitly_named(field: str) -> None:
    """An epoch is asked for its declaration before anybody's signature is looked at."""
    dice = Chosen(field)
    one = edit_signed(some_days()[0], dice, other_name, PLATFORM)
    assert one is not None
    finding = found_in(one.files)
    assert is_fit(one, finding), (one.name, finding)
    assert finding is not None
    assert (finding.wrong is Wrong.EPOCH_UNDECLARED) == (field == "epoch")


@cache
def random_edits() -> tuple[Tampered, ...]:
    """Edits drawn by chance, also by somebody without keys."""
    return tuple(islice(tampered(5, list(some_days())), 25))


@pytest.mark.parametrize("number", range(25))
def test_random_edits_are_found_and_fitly_named(number: int) -> None:
    one = random_edits()[number]
    finding = found_in(one.files)
    assert is_fit(one, finding), (one.name, finding)


@pytest.mark.parametrize("seed", range(100, 106))
def test_an_honest_day_raises_no_alarm(seed: int) -> None:
    assert found_in(honest_day(random_shape(seed))[1]) is None
