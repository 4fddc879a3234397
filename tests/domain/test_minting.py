"""Codes for holders: the digits follow from key and request, and nobody without the key knows."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.codes import lane_of
from huiquan.domain.minting import Holder, code_for_request, decide_mint
from huiquan.domain.refusals import Refusal
from huiquan.domain.vouchers import State, Voucher
from tests.domain.tills import NOON, RULEBOOK, WIN, at, voucher
from tests.tables import rows

KEY = b"k" * 32
HOLDER = Holder(campaign_id=WIN.campaign_id, pid=WIN.pid)


@given(st.integers(0, 1023), st.text("abc-123", min_size=8, max_size=64), st.integers(0, 9))
def test_digits_lead_to_the_lane_and_come_out_the_same_again(
    lane: int, request_key: str, turn: int
) -> None:
    one = voucher(lane=lane)
    digits = code_for_request(KEY, one, request_key, turn)
    assert lane_of(digits) == lane
    assert digits == code_for_request(KEY, one, request_key, turn)


def test_another_key_voucher_request_or_turn_gives_other_digits() -> None:
    one = voucher()
    digits = {
        code_for_request(KEY, one, "request-1", 0),
        code_for_request(b"l" * 32, one, "request-1", 0),
        code_for_request(KEY, replace(one, idx=43), "request-1", 0),
        code_for_request(KEY, one, "request-2", 0),
        code_for_request(KEY, one, "request-1", 1),
    }
    assert len(digits) == 5


MINTS = rows("""
    voucher   who           now          outcome
    held      holder        07 12:00     30
    held      holder        12 23:59:50  10
    held      holder        13 00:00     voucher_expired
    held      stranger      07 12:00     not_your_voucher
    held      other campaign  07 12:00   unknown_voucher
    held      suspended     07 12:00     suspended
    held      excluded      07 12:00     excluded
    redeemed  holder        07 12:00     already_redeemed
    redeemed  stranger      07 12:00     not_your_voucher
    locked    holder        07 12:00     voucher_locked
    locked    holder        07 12:05     30
    none      holder        07 12:00     unknown_voucher
""")

WHO = {
    "holder": HOLDER,
    "stranger": replace(HOLDER, pid=b"wang".ljust(16)),
    "other campaign": replace(HOLDER, campaign_id=2),
    "suspended": replace(HOLDER, is_suspended=True),
    "excluded": replace(HOLDER, is_excluded=True),
}

VOUCHERS: dict[str, Voucher | None] = {
    "held": voucher(),
    "redeemed": voucher(state=State.REDEEMED),
    "locked": voucher(state=State.LOCKED, locked_until=NOON + timedelta(minutes=5)),
    "none": None,
}


@pytest.mark.requirement("R2.1")
@pytest.mark.parametrize("case", MINTS, ids=lambda case: " ".join(case.values()))
def test_who_is_given_a_code_and_for_how_long(case: dict[str, str]) -> None:
    now = at(case["now"])
    outcome = decide_mint(VOUCHERS[case["voucher"]], WHO[case["who"]], rulebook=RULEBOOK, now=now)
    if case["outcome"].isdigit():
        assert outcome == now + timedelta(seconds=int(case["outcome"]))
    else:
        assert outcome is Refusal(case["outcome"])
