"""Vouchers: issued from a kept win, good for a time, named so that the lane is known."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.ledger import Account, of_lane
from huiquan.domain.redemptions import parse_lock_id, parse_redemption_id
from huiquan.domain.refunds import parse_refund_id
from huiquan.domain.serials import Name, read_name, write_name
from huiquan.domain.vouchers import (
    Expiry,
    State,
    decide_expiry,
    issue,
    parse_serial,
    serial_of,
    state_at,
)
from tests.domain.campaigns import campaign
from tests.domain.tills import RULEBOOK, WIN, WON_AT, at, voucher
from tests.tables import rows

# 2026: seven natural days, the first included, and never beyond 31 March.
VALIDITY = rows("""
    won_on      issued_at            good_from            good_until
    2026-02-06  2026-02-06 10:00:01  2026-02-06 10:00:01  2026-02-13 00:00:00
    2026-03-25  2026-03-25 23:59:59  2026-03-25 23:59:59  2026-04-01 00:00:00
    2026-02-06  2026-02-07 00:30:00  2026-02-07 00:30:00  2026-02-13 00:00:00
    2026-02-06  2026-02-13 08:00:00  2026-02-13 08:00:00  2026-02-14 00:00:00
    2026-03-28  2026-03-28 12:00:00  2026-03-28 12:00:00  2026-04-01 00:00:00
""")

STATES = rows("""
    kept      lock_until  now          shown
    held      -           07 12:00     held
    held      -           12 23:59:59  held
    held      -           13 00:00     expired
    locked    07 12:05    07 12:04:59  locked
    locked    07 12:05    07 12:05     held
    locked    13 00:00    13 00:00     expired
    redeemed  -           14 00:00     redeemed
    expired   -           07 12:00     expired
""")


@pytest.mark.requirement("R1.3")
@pytest.mark.parametrize("case", VALIDITY, ids=lambda case: case["issued_at"])
def test_a_voucher_is_good_for_its_natural_days_and_a_late_one_for_its_day(
    case: dict[str, str],
) -> None:
    def moment(text: str) -> str:
        return text.replace(" ", "T") + "+08:00"

    win = replace(WIN, day=date.fromisoformat(case["won_on"]))
    issued_at = type(WON_AT).fromisoformat(moment(case["issued_at"]))
    one = issue(win, rulebook=RULEBOOK, rulebook_version=1, issued_at=issued_at).voucher
    assert one.valid_from.isoformat() == moment(case["good_from"])
    assert one.valid_until.isoformat() == moment(case["good_until"])


def test_in_list_mode_a_voucher_is_good_on_the_redeem_days_of_its_round() -> None:
    rulebook = campaign("2025-11-shike")
    win = replace(WIN, day=date(2025, 11, 27), tier=5)
    drawn_at = WON_AT.replace(year=2025, month=11, day=27)
    one = issue(win, rulebook=rulebook, rulebook_version=1, issued_at=drawn_at).voucher
    assert one.valid_from.isoformat() == "2025-11-29T00:00:00+08:00"
    assert one.valid_until.isoformat() == "2025-12-06T00:00:00+08:00"


def test_a_win_sets_its_money_aside_under_the_terms_of_its_day() -> None:
    issued = issue(WIN, rulebook=RULEBOOK, rulebook_version=4, issued_at=WON_AT)
    one, moved = issued.voucher, issued.transfer
    assert (one.face_fen, one.threshold_fen, one.pack, one.rulebook_version) == (
        20_000,
        100_000,
        3,
        4,
    )
    assert (moved.debit, moved.credit) == (
        of_lane(Account.RELEASED, 3),
        of_lane(Account.RESERVED, 3),
    )
    assert (moved.amount_fen, moved.ref, moved.idx) == (20_000, one.serial, 42)
    with pytest.raises(AssertionError):
        issue(replace(WIN, tier=99), rulebook=RULEBOOK, rulebook_version=1, issued_at=WON_AT)


@pytest.mark.parametrize("case", STATES, ids=lambda case: f"{case['kept']} {case['now']}")
def test_what_a_voucher_counts_as_does_not_wait_for_the_books(case: dict[str, str]) -> None:
    until = at(case["lock_until"]) if case["lock_until"] else None
    one = voucher(state=State(case["kept"]), locked_until=until, lock_no=1 if until else 0)
    assert state_at(one, at(case["now"])).value == case["shown"]


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("case", STATES, ids=lambda case: f"{case['kept']} {case['now']}")
def test_the_money_goes_back_only_when_validity_is_over_and_once(case: dict[str, str]) -> None:
    until = at(case["lock_until"]) if case["lock_until"] else None
    one = voucher(state=State(case["kept"]), locked_until=until)
    expiry = decide_expiry(one, at(case["now"]))
    if case["shown"] == "expired" and case["kept"] != "expired":
        assert isinstance(expiry, Expiry)
        assert expiry.serial == one.serial
        assert expiry.transfer.credit == of_lane(Account.RETURNED, 3)
        assert expiry.transfer.amount_fen == one.face_fen
    else:
        assert expiry is None


@given(st.integers(1, 32_767), st.integers(0, 1_023), st.integers(0, 2**63 - 1))
def test_a_serial_leads_back_to_campaign_lane_and_entry(
    campaign_id: int, lane: int, idx: int
) -> None:
    serial = serial_of(campaign_id, lane, idx)
    assert parse_serial(serial) == parse_serial(f" {serial.lower()} ") == (campaign_id, lane, idx)


@given(st.data())
def test_a_wrong_or_exchanged_character_is_never_another_voucher(data: st.DataObject) -> None:
    serial = serial_of(1, 3, data.draw(st.integers(0, 10**9)))
    place = data.draw(st.integers(0, len(serial) - 2))
    left, first, second, right = (
        serial[:place],
        serial[place],
        serial[place + 1],
        serial[place + 2 :],
    )
    wrong = data.draw(st.sampled_from("0123456789VLRFKX"))
    for mistyped in (left + wrong + second + right, left + second + first + right):
        if mistyped != serial:
            assert parse_serial(mistyped) is None


def test_only_a_name_of_the_right_kind_is_read() -> None:
    lock, refund = write_name("L", Name(1, 3, 42, (2,))), write_name("F", Name(1, 3, 42, (2, 5)))
    assert parse_lock_id(lock) == (1, 3, 42, 2)
    assert parse_refund_id(refund) == (1, 3, 42, 2, 5)
    assert parse_redemption_id(lock) is None
    assert parse_refund_id(lock) is None
    assert parse_serial(lock) is None
    assert read_name("V", 0, write_name("V", Name(1, 3, 42, (2,)))) is None
    assert parse_serial("'; drop") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"face_fen": 0},
        {"threshold_fen": 19_999},
        {"valid_until": WON_AT},
        {"state": State.LOCKED},
        {"locked_until": WON_AT},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_voucher_that_breaks_its_own_promise_cannot_be(changes: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        voucher(**changes)
