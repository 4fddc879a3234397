"""Registration numbers can be read aloud, typed wrongly without harm, and not guessed."""

import re

from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_36

from huiquan.domain.registrants import Registrant, registration_no_from_random, sealing_context

LOOK_ALIKES = set("01OI")


@given(st.binary(min_size=8, max_size=8))
def test_a_registration_number_has_one_form_and_a_check_character(drawn: bytes) -> None:
    number = registration_no_from_random(drawn)
    assert re.fullmatch(r"R[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}-[0-9A-Z]", number)
    assert not LOOK_ALIKES & set(number[1:-2])
    assert mod_37_36.is_valid(number.replace("-", ""))


@given(st.integers(0, 2**60 - 1), st.integers(0, 2**60 - 1))
def test_two_draws_of_sixty_bits_give_two_numbers(first: int, second: int) -> None:
    numbers = [registration_no_from_random(one.to_bytes(8)) for one in (first, second)]
    assert (numbers[0] == numbers[1]) == (first == second)


def test_sealed_fields_of_two_rows_never_share_a_context() -> None:
    contexts = {
        sealing_context(campaign, Registrant(lane=lane, pid=bytes([pid]) * 16))
        for campaign in (1, 2, 11)
        for lane in (0, 1, 11)
        for pid in (1, 2)
    }
    assert len(contexts) == 18
