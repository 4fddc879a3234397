"""SMS codes: six digits, five minutes, five tries, one a minute."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.refusals import Refusal
from huiquan.domain.sms_codes import (
    SmsCode,
    SmsSending,
    decide_sms_code,
    decide_sms_sending,
    sms_code_from_random,
    sms_code_hash,
)

NOW = datetime(2026, 2, 6, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
KEY = b"k" * 32
RIGHT = sms_code_hash(KEY, "13800000000", "042117")
WRONG = sms_code_hash(KEY, "13800000000", "042118")
SENT = SmsCode(code_hash=RIGHT, sent_at=NOW)


@given(st.binary(min_size=8, max_size=32))
def test_a_code_is_six_digits(random_bytes: bytes) -> None:
    code = sms_code_from_random(random_bytes)
    assert len(code) == 6
    assert code.isdecimal()


def test_too_little_randomness_is_a_broken_promise() -> None:
    with pytest.raises(AssertionError):
        sms_code_from_random(bytes(7))


def test_a_code_belongs_to_its_phone() -> None:
    assert sms_code_hash(KEY, "13800000001", "042117") != RIGHT
    assert sms_code_hash(b"l" * 32, "13800000000", "042117") != RIGHT


@pytest.mark.parametrize("typed", [" 042 117 ", "０４２１１７", "042117\n"])
def test_typed_spaces_and_wide_digits_are_read(typed: str) -> None:
    assert sms_code_hash(KEY, "13800000000", typed) == RIGHT


@pytest.mark.parametrize(
    ("sent", "typed", "after_s", "outcome"),
    [
        (SENT, RIGHT, 0, SENT),
        (SENT, RIGHT, 299.999, SENT),
        (SENT, RIGHT, 300, Refusal.SMS_CODE_EXPIRED),
        (SENT, WRONG, 1, Refusal.SMS_CODE_WRONG),
        (SmsCode(code_hash=RIGHT, sent_at=NOW, wrong_tries=4), RIGHT, 1, "taken"),
        (SmsCode(code_hash=RIGHT, sent_at=NOW, wrong_tries=5), RIGHT, 1, "sms_code_expired"),
        (SmsCode(code_hash=RIGHT, sent_at=NOW, used_at=NOW), RIGHT, 1, "sms_code_expired"),
        (None, RIGHT, 0, Refusal.SMS_CODE_WRONG),
    ],
)
def test_a_code_is_good_once_for_five_minutes_and_five_tries(
    sent: SmsCode | None, typed: bytes, after_s: float, outcome: object
) -> None:
    decided = decide_sms_code(sent, typed, NOW + after_s * SECOND)
    assert decided == (sent if outcome == "taken" else outcome)


def test_a_phone_gets_at_most_one_text_a_minute() -> None:
    allowed = SmsSending(expires_at=NOW + 300 * SECOND, next_at=NOW + 60 * SECOND)
    assert decide_sms_sending(None, NOW) == allowed
    assert decide_sms_sending(SENT, NOW + 59.9 * SECOND) is Refusal.SMS_TOO_SOON
    assert isinstance(decide_sms_sending(SENT, NOW + 60 * SECOND), SmsSending)
