"""One-time codes: twelve digits, good once, for half a minute."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.codes import (
    OneTimeCode,
    code_from_random,
    code_hash,
    decide_code,
    format_code,
    lane_of,
    parse_code,
    qr_text,
)
from huiquan.domain.refusals import Refusal
from tests.tables import rows

NOW = datetime(2026, 2, 6, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)

WRITTEN = rows("""
    written              code
    482177301954         482177301954
    4821 7730 1954       482177301954
    4821-7730-1954       482177301954
    HQ1:482177301954     482177301954
    hq1:482177301954     482177301954
    ＨＱ１：４８２１７７３０１９５４     482177301954
    000000000003         000000000003
    48217730195          code_unknown
    4821773019540        code_unknown
    HQ2:482177301954     code_unknown
    48217730195A         code_unknown
    ٤82177301954         code_unknown
    -                    code_unknown
""")


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case["written"])
def test_a_code_is_read_as_it_is_typed_or_scanned(case: dict[str, str]) -> None:
    assert parse_code(case["written"]) == case["code"]


@given(st.binary(min_size=16, max_size=16), st.integers(0, 1023))
def test_the_lane_can_be_read_from_the_digits(random_bytes: bytes, lane: int) -> None:
    code = code_from_random(random_bytes, lane)
    assert len(code) == 12
    assert code.isdecimal()
    assert int(code) % 1024 == lane == lane_of(code)
    assert parse_code(format_code(code)) == parse_code(qr_text(code)) == code


@given(st.text(max_size=80))
def test_nothing_breaks_the_reader(text: str) -> None:
    code = parse_code(text)
    assert code is Refusal.CODE_UNKNOWN or parse_code(code) == code


def test_codes_of_a_lane_are_spread_over_all_numbers() -> None:
    codes = {code_from_random(turn.to_bytes(16), 7) for turn in range(0, 2**40, 2**30 + 3)}
    assert len(codes) == 1024
    assert {code[0] for code in codes} == set("0123456789")


@pytest.mark.parametrize(("length", "lane"), [(15, 0), (16, -1), (16, 1024)])
def test_a_code_needs_enough_randomness_and_a_lane(length: int, lane: int) -> None:
    with pytest.raises(AssertionError):
        code_from_random(bytes(length), lane)


def test_only_who_has_the_key_can_try_all_codes() -> None:
    one, other = code_hash(b"k" * 32, "482177301954"), code_hash(b"l" * 32, "482177301954")
    assert one != other
    assert one != code_hash(b"k" * 32, "482177301955")
    assert len(one) == 32


LIVE = OneTimeCode(serial="V1", expires_at=NOW + 30 * SECOND)
USED = OneTimeCode(serial="V1", expires_at=NOW + 30 * SECOND, used_at=NOW)


@pytest.mark.requirement("R2.3")
@pytest.mark.parametrize(
    ("code", "after_s", "outcome"),
    [
        (LIVE, 0, LIVE),
        (LIVE, 29.999, LIVE),
        (LIVE, 30, Refusal.CODE_EXPIRED),
        (USED, 1, Refusal.CODE_USED),
        (USED, 31, Refusal.CODE_USED),
        (replace(LIVE, is_voided=True), 1, Refusal.CODE_EXPIRED),
        (replace(USED, is_voided=True), 1, Refusal.CODE_USED),
        (None, 0, Refusal.CODE_UNKNOWN),
    ],
)
def test_a_code_is_good_once_and_for_thirty_seconds(
    code: OneTimeCode | None, after_s: float, outcome: object
) -> None:
    assert decide_code(code, NOW + after_s * SECOND) == outcome
