"""Stock of the draw: nothing is lost in dealing, and the account knows every hour.  投放到通道"""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain import stock
from huiquan.domain.stock import Account, Release, TopUp
from tests.tables import rows

ROOT = hashlib.sha256(b"a checkpoint").digest()
DAY = 20260206
releases = st.lists(
    st.builds(Release, st.integers(0, 23), st.integers(1, 3), st.integers(0, 30)), max_size=12
)


def lane_by_the_book(unit: int, tier: int, lanes: int) -> int:
    """The rule as it is published, written out once more."""
    text = b"\x04unit" + ROOT + DAY.to_bytes(4, "big") + bytes([tier]) + unit.to_bytes(4, "big")
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") % lanes


@given(units=st.integers(0, 60), lanes=st.integers(1, 9), first=st.integers(0, 1000))
def test_every_unit_goes_to_the_lane_of_the_public_rule(units: int, lanes: int, first: int) -> None:
    dealt = stock.deal_units(ROOT, DAY, 2, units, lanes, first)
    expected = [0] * lanes
    for unit in range(first, first + units):
        expected[lane_by_the_book(unit, 2, lanes)] += 1
    assert dealt == expected


@given(releases=releases, lanes=st.integers(1, 5))
def test_a_day_is_dealt_to_the_last_unit_and_can_be_dealt_again_from_its_top_ups(
    releases: list[Release], lanes: int
) -> None:
    topups = stock.deal_day(ROOT, DAY, lanes, releases)
    assert sum(topup.units for topup in topups) == sum(one.units for one in releases)
    assert all(topup.units > 0 for topup in topups)
    assert stock.is_dealt(ROOT, DAY, lanes, topups)
    assert stock.deal_day(ROOT, DAY, lanes, releases[::-1]) == topups


def test_units_are_numbered_through_the_day_so_hours_do_not_repeat_each_other() -> None:
    whole = stock.deal_units(ROOT, DAY, 1, 20, 4)
    by_hour = stock.deal_day(ROOT, DAY, 4, [Release(9, 1, 8), Release(10, 1, 12)])
    lanes = [sum(topup.units for topup in by_hour if topup.lane == lane) for lane in range(4)]
    assert lanes == whole


def test_stock_moved_to_a_friendlier_lane_is_noticed() -> None:
    topups = list(stock.deal_day(ROOT, DAY, 4, [Release(10, 1, 40)]))
    more, fewer = topups[0], topups[1]
    topups[0] = more._replace(units=more.units + 1)
    topups[1] = fewer._replace(units=fewer.units - 1)
    assert not stock.is_dealt(ROOT, DAY, 4, topups)
    assert not stock.is_dealt(hashlib.sha256(b"another").digest(), DAY, 4, tuple(topups))


TOPUPS = (TopUp(0, 0, 1, 5), TopUp(9, 0, 1, 2), TopUp(10, 0, 2, 3), TopUp(12, 0, 1, 1))

ACCOUNTS = rows("""
    before           day       slot  left
    none             20260206  0     5,0
    none             20260206  9     7,0
    none             20260206  23    8,3
    20260206:9:4,0   20260206  9     4,0
    20260206:9:4,0   20260206  11    4,3
    20260206:9:4,0   20260206  12    5,3
    20260205:23:9,9  20260206  0     5,0
""")


@pytest.mark.parametrize("case", ACCOUNTS, ids=lambda case: " ".join(case.values()))
def test_what_a_lane_holds_when_a_round_is_sealed(case: dict[str, str]) -> None:
    before = None
    if case["before"] != "none":
        day, slot, left = case["before"].split(":")
        left_after = tuple(map(int, left.split(",")))
        before = Account(day=int(day), slot=int(slot), left_after=left_after)
    left_now = stock.left_before(before, int(case["day"]), int(case["slot"]), TOPUPS, 2)
    assert left_now == tuple(map(int, case["left"].split(",")))


@given(
    slots=st.lists(st.integers(0, 23), min_size=1, max_size=6).map(sorted),
    taken=st.integers(0, 3),
)
def test_stock_is_what_came_less_what_was_won(slots: list[int], taken: int) -> None:
    account, won = None, 0
    for slot in slots:
        left = stock.left_before(account, DAY, slot, TOPUPS, 2)
        came = sum(topup.units for topup in TOPUPS if topup.tier == 1 and topup.slot <= slot)
        assert left[0] == came - won
        kept = min(taken, left[0])
        won += kept
        account = Account(day=DAY, slot=slot, left_after=(left[0] - kept, left[1]))
    assert stock.released_until(TOPUPS, 23, 2) == (8, 3)


def test_a_lane_sees_its_own_top_ups_only() -> None:
    topups = (*TOPUPS, TopUp(0, 1, 1, 9))
    assert stock.topups_of_lane(topups, 1) == (TopUp(0, 1, 1, 9),)
    assert stock.topups_of_lane(topups, 0) == TOPUPS
