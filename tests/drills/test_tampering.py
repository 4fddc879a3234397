"""A small tamper drill with every test run; the large one is `make drill`.  篡改演练"""

import random
from functools import cache
from itertools import islice

import pytest

from huiquan.domain.verdicts import Wrong
from tests.drills.drafts import ALL, PLATFORM, Case
from tests.drills.edits import Edit
from tests.drills.honest_days import honest_day, random_shape
from tests.drills.tampering import EDITS, Tampered, cases, edit_signed, found_in, is_fit, tampered


@cache
def some_days() -> tuple[Case, ...]:
    """Two honest days to be edited."""
    return tuple(cases(3, 2))


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
