"""Habits of the crowd: shapes that earlier rounds showed, and choices that hang on nobody else."""

from collections import Counter
from datetime import date, timedelta

import pytest

from huiquan.domain.days import DayKind
from huiquan.gateways.maps import load_regions
from simulation.dice import dice
from simulation.habits import (
    WAVES,
    Purchase,
    Win,
    amounts_back,
    purchase_with,
    return_of,
    visit_on,
)
from simulation.people import make_people
from simulation.stores import DINING, ONLINE, RETAIL

DAY = date(2026, 2, 4)
KINDS = {DAY + timedelta(days=after): DayKind.WORKDAY for after in range(7)}
PEOPLE = make_people(load_regions(), 1, 4000)
THRESHOLD_FEN = {ONLINE: 20_000, RETAIL: 20_000, DINING: 15_000}


def win_of(number: int, pack: int, wave: int = 0) -> Win:
    return Win(
        serial=f"V{number}",
        day=DAY,
        wave=wave,
        pack=pack,
        face_fen=5_000,
        threshold_fen=THRESHOLD_FEN[pack],
    )


def purchases(pack: int, wave: int = 0) -> list[Purchase]:
    found = [purchase_with(1, one, win_of(one.number, pack, wave), KINDS) for one in PEOPLE]
    return [one for one in found if one is not None]


def test_the_waves_of_a_day_hold_all_draws_and_all_purchases() -> None:
    assert sum(wave.draws for wave in WAVES) == 100
    assert sum(wave.dining for wave in WAVES) == 100
    assert sum(wave.retail for wave in WAVES) == 100
    assert [wave.at for wave in WAVES] == sorted(wave.at for wave in WAVES)


@pytest.mark.parametrize(
    ("since", "kind", "percent"),
    [(0, DayKind.WORKDAY, 60), (5, DayKind.WORKDAY, 36), (5, DayKind.WEEKEND, 54)],
)
def test_more_people_draw_on_opening_days_and_weekends(
    since: int, kind: DayKind, percent: int
) -> None:
    visits = [visit_on(1, person, DAY, since, kind) for person in PEOPLE]
    share = sum(visit is not None for visit in visits) / len(PEOPLE)
    assert share * 100 == pytest.approx(percent, abs=3)


def test_seven_in_ten_vouchers_are_redeemed_most_of_them_late() -> None:
    found = purchases(DINING)
    days = Counter((one.day - DAY).days for one in found)
    assert len(found) / len(PEOPLE) == pytest.approx(0.7, abs=0.03)
    assert set(days) == set(range(7))
    assert days[6] > days[1] > days[0]


@pytest.mark.parametrize("wave", range(len(WAVES)))
def test_nobody_spends_a_voucher_before_it_is_won(wave: int) -> None:
    for purchase in purchases(RETAIL, wave):
        assert purchase.day > DAY or purchase.wave > wave


@pytest.mark.parametrize("pack", [ONLINE, RETAIL, DINING])
def test_orders_reach_the_threshold_after_offers_and_a_third_sit_right_at_it(pack: int) -> None:
    found = purchases(pack)
    assert all(one.net_fen >= THRESHOLD_FEN[pack] for one in found)
    assert all(one.order_fen - one.net_fen == sum(f for *_, f in one.offers) for one in found)
    at_threshold = sum(one.net_fen <= THRESHOLD_FEN[pack] * 1.05 for one in found)
    assert 0.33 < at_threshold / len(found) < 0.55


@pytest.mark.parametrize(("pack", "percent"), [(ONLINE, 12), (RETAIL, 4), (DINING, 0.8)])
def test_goods_come_back_by_trade_and_never_more_than_was_paid(pack: int, percent: float) -> None:
    found = purchases(pack)
    returns = [
        (one, return_of(1, person, win_of(person.number, pack), one, date.max))
        for person, one in zip(PEOPLE, found, strict=False)
    ]
    back = [(one, returned) for one, returned in returns if returned is not None]
    assert len(back) / len(found) * 100 == pytest.approx(percent, rel=0.35)
    for one, returned in back:
        assert returned.day >= one.day
        assert 0 < sum(returned.amounts_fen) <= one.net_fen


def test_what_comes_back_in_parts_is_at_most_the_whole() -> None:
    for number in range(500):
        amounts_fen = amounts_back(dice(number), 101)
        assert all(part > 0 for part in amounts_fen)
        assert sum(amounts_fen) <= 101


def test_a_choice_hangs_on_person_and_day_alone() -> None:
    forward = [visit_on(1, person, DAY, 0, DayKind.WORKDAY) for person in PEOPLE[:200]]
    backward = [visit_on(1, person, DAY, 0, DayKind.WORKDAY) for person in PEOPLE[199::-1]]
    assert forward == backward[::-1]
