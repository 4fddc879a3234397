"""Which entries make a round, and what its seal says."""

from datetime import datetime, timedelta

import pytest

from huiquan.domain import merkle
from huiquan.domain.entry_runs import next_run
from huiquan.domain.rounds import Entry, encode_entries, encode_entry
from huiquan.domain.sealing import LaneChain, make_seal, slot_of_round
from huiquan.domain.stock import Account
from tests.domain.drawing import DAY, OPEN, campaign_in_force, pid

CAMPAIGN = campaign_in_force()


def entry(idx: int, day: int = DAY) -> Entry:
    return Entry(
        lane=0,
        day=day,
        idx=idx,
        pack=3,
        pid=pid(idx),
        client_nonce=bytes(16),
        elig=bytes(32),
    )


def chain(account: Account | None = None) -> LaneChain:
    return LaneChain(lane=0, epoch=0, next_seq=7, prev_seal_hash=b"p" * 32, account=account)


def test_a_round_takes_the_next_entries_in_order_and_no_more_than_the_most() -> None:
    waiting = [entry(idx) for idx in range(5, 12)]
    run = encode_entries(waiting)
    assert next_run(run, 4) == encode_entries(waiting[:4])
    assert next_run(run, 100) == run


def test_midnight_ends_a_round() -> None:
    waiting = [entry(0), entry(1), entry(2, day=20260207)]
    assert next_run(encode_entries(waiting), 100) == encode_entries(waiting[:2])


HOURS = [
    ("10:30 of the day", OPEN, None, 10),
    ("a clock that went back", OPEN, Account(day=DAY, slot=11, left_after=()), 11),
    ("yesterday's last round", OPEN, Account(day=20260205, slot=23, left_after=()), 10),
    ("after midnight", OPEN + timedelta(hours=16), None, 23),
]


@pytest.mark.parametrize(("name", "now", "account", "slot"), HOURS, ids=lambda one: str(one)[:24])
def test_the_hour_of_a_round_never_falls(
    name: str, now: datetime, account: Account | None, slot: int
) -> None:
    assert slot_of_round(DAY, account, now) == slot


def test_the_seal_fixes_who_is_in_and_what_the_lane_holds() -> None:
    draw_day = CAMPAIGN.days[DAY]
    entries = [entry(idx) for idx in range(40, 44)]
    seal = make_seal(chain(), draw_day, encode_entries(entries), OPEN)
    assert (seal.seq, seal.prev_seal_hash, seal.cfg_hash) == (7, b"p" * 32, draw_day.cfg_hash)
    assert (seal.first_idx, seal.count, seal.day, seal.slot) == (40, 4, DAY, 10)
    assert seal.root == merkle.root_of([encode_entry(one) for one in entries])
    given = [0] * 11
    for topup in draw_day.plan.topups:
        if topup.lane == 0 and topup.slot <= 10:
            given[topup.tier - 1] += topup.units
    assert list(seal.left_before) == given
    assert sum(given) > 0


def test_the_next_round_holds_what_was_left_and_the_hours_since() -> None:
    draw_day = CAMPAIGN.days[DAY]
    left = Account(day=DAY, slot=10, left_after=tuple(range(11)))
    seal = make_seal(chain(left), draw_day, encode_entries([entry(0)]), OPEN + timedelta(hours=1))
    gained = [0] * 11
    for topup in draw_day.plan.topups:
        if topup.lane == 0 and topup.slot == 11:
            gained[topup.tier - 1] += topup.units
    assert list(seal.left_before) == [n + more for n, more in enumerate(gained)]
