"""Phones: one written form of a mainland mobile number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.phones import normalise_phone
from huiquan.domain.refusals import Refusal
from tests.tables import rows

PHONES = rows("""
    written               phone
    13800000000           13800000000
    138 0000 0000         13800000000
    138-0000-0000         13800000000
    +86 138 0000 0000     13800000000
    +8613800000000        13800000000
    0086 13800000000      13800000000
    8613800000000         13800000000
    (86) 13800000000      13800000000
    １３８００００００００           13800000000
    ＋８６ １３８００００００００       13800000000
    19500000000           19500000000
    1380000000            bad_phone
    138000000000          bad_phone
    12345678901           bad_phone
    027-87654321          bad_phone
    10086                 bad_phone
    +852 9123 4567        bad_phone
    +1 212 555 0100       bad_phone
    13800000000 ext 5     bad_phone
    1-800-FLOWERS         bad_phone
    -----------           bad_phone
    -                     bad_phone
""")


@pytest.mark.parametrize("case", PHONES, ids=lambda case: case["written"])
def test_a_mobile_number_is_read_as_people_write_it(case: dict[str, str]) -> None:
    assert normalise_phone(case["written"]) == case["phone"]


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.data())
def test_any_spelling_gives_the_same_number(number: str, data: st.DataObject) -> None:
    gaps = st.sampled_from(["", "", " ", "-", "\u3000"])
    typed = number[0] + "".join(data.draw(gaps) + each for each in number[1:])
    front = data.draw(st.sampled_from(["", "+86", "+86 ", "0086", "(86) "]))
    assert normalise_phone(front + typed) == number


@given(st.text(max_size=50))
def test_nothing_breaks_the_reader(text: str) -> None:
    phone = normalise_phone(text)
    assert phone is Refusal.BAD_PHONE or normalise_phone(phone) == phone
