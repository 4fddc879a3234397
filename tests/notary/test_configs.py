"""Accepting a config: early enough, signed by both, never against what stands.  配置登记"""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from huiquan.domain import draw_config
from huiquan.domain.days import SHANGHAI
from huiquan.domain.draw_config import ConfigSignatures, DrawConfig
from notary.configs import Accepted
from notary.desk import Desk
from notary.refusals import No, Refused
from tests.domain.draw_days import DAY, KEYS, OPENS, DrawDay, a_config, a_plan, sign_both
from tests.notary.houses import Clock, answer, open_desk, request_for

PUBLISHED = a_config().published_at
FIRST = a_config()
START = draw_config.cfg_hash_of(draw_config.encode_config(FIRST)).hex()
NEXT_DAY = DAY + 1


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A notary at the hour of publication."""
    return open_desk(tmp_path, "notary", Clock(PUBLISHED))


def offer(desk: Desk, config: DrawConfig, signatures: ConfigSignatures | None = None) -> No | None:
    """What the notary says to a config; nothing if it is accepted."""
    raw = draw_config.encode_config(config)
    given = desk.accept_config(raw, signatures or sign_both(draw_config.cfg_hash_of(raw)))
    assert isinstance(given, Accepted | Refused)
    return given.no if isinstance(given, Refused) else None


def later(hours: float = 1, **changes: Any) -> DrawConfig:
    """A config published some hours after the first, in the same epoch."""
    published = PUBLISHED + timedelta(hours=hours)
    times = {"published_at": published, "active_from": published + timedelta(hours=12)}
    return a_config(**{**times, "epoch_start": START, **changes})


def another_plan(day: int = DAY) -> draw_config.DayPlan:
    """The day with a doubled chance for dining."""
    tables = {**a_plan().tables, 2: draw_config.table_from([(3, Fraction(1, 2))])}
    return replace(a_plan(day=day), tables=tables)


def test_a_sound_config_is_accepted_and_asked_again_too(desk: Desk) -> None:
    assert offer(desk, FIRST) is None
    desk.clock.now += timedelta(days=2)  # type: ignore[attr-defined]
    assert offer(desk, FIRST) is None
    assert len(desk.register.all()) == len(desk.book.configs()) == 1


def test_what_both_did_not_sign_is_refused(desk: Desk) -> None:
    raw = draw_config.encode_config(FIRST)
    both = sign_both(draw_config.cfg_hash_of(raw))
    assert offer(desk, FIRST, replace(both, approver=both.platform)) is No.CONFIG_UNSIGNED
    assert offer(desk, FIRST, replace(both, platform=both.approver)) is No.CONFIG_UNSIGNED


def test_a_flawed_config_is_refused_with_its_flaws(desk: Desk) -> None:
    assert offer(desk, a_config(days={})) is No.CONFIG_FLAWED
    given = desk.accept_config(b"{}", sign_both(bytes(32)))
    assert isinstance(given, Refused)
    assert given.no is No.CONFIG_FLAWED
    assert given.detail["flaws"]


def test_a_config_that_names_another_notary_is_refused(desk: Desk, tmp_path: Path) -> None:
    swapped = replace(KEYS, notary=KEYS.auditor, auditor=KEYS.notary)
    assert offer(desk, a_config(keys=swapped)) is No.NOT_MY_KEY
    witness = open_desk(tmp_path / "w", "witness", Clock(PUBLISHED), party="auditor")
    assert offer(witness, FIRST) is None
    stranger = open_desk(tmp_path / "s", "witness", Clock(PUBLISHED), party="stranger")
    assert offer(stranger, FIRST) is No.NOT_MY_KEY


@pytest.mark.requirement("R5.1")
def test_a_config_that_reaches_the_notary_within_twelve_hours_is_refused(desk: Desk) -> None:
    desk.clock.now = PUBLISHED + timedelta(seconds=1)  # type: ignore[attr-defined]
    assert offer(desk, FIRST) is No.TOO_LATE
    desk.clock.now = PUBLISHED - timedelta(seconds=6)  # type: ignore[attr-defined]
    assert offer(desk, FIRST) is No.TOO_LATE


def test_a_witness_takes_a_config_however_late_for_it_signs_no_rounds(tmp_path: Path) -> None:
    late = Clock(PUBLISHED + timedelta(days=3))
    witness = open_desk(tmp_path / "w", "witness", late, party="auditor")
    assert offer(witness, FIRST) is None
    early = open_desk(tmp_path / "e", "witness", Clock(PUBLISHED - timedelta(hours=1)), "auditor")
    assert offer(early, FIRST) is No.TOO_LATE


def test_a_day_may_be_corrected_until_it_begins(desk: Desk) -> None:
    assert offer(desk, FIRST) is None
    corrected = later(1, days={DAY: another_plan()})
    desk.clock.now = corrected.published_at  # type: ignore[attr-defined]
    assert offer(desk, corrected) is None


@pytest.mark.requirement("R2.1")
def test_the_chances_of_a_day_that_has_begun_never_change(desk: Desk) -> None:
    assert offer(desk, FIRST) is None
    midday = later(12, days={DAY: another_plan()})
    desk.clock.now = midday.published_at  # type: ignore[attr-defined]
    assert midday.active_from.hour == 10
    assert offer(desk, midday) is No.DAY_CHANGED
    assert offer(desk, later(12, round_max=40)) is None


@pytest.mark.requirement("R5.1")
def test_a_day_people_sign_up_for_stands_before_it_begins(desk: Desk) -> None:
    stands = PUBLISHED + timedelta(hours=13)
    listed = a_config(days={DAY: replace(a_plan(), stands_from=stands)})
    assert offer(desk, listed) is None
    start = draw_config.cfg_hash_of(draw_config.encode_config(listed)).hex()
    for hours, told in ((1, None), (1.5, No.DAY_CHANGED)):
        changed = later(hours, epoch_start=start, days={DAY: another_plan()})
        desk.clock.now = changed.published_at  # type: ignore[attr-defined]
        plan = replace(changed.days[DAY], stands_from=stands)
        assert offer(desk, replace(changed, days={DAY: plan})) is told


def test_no_config_lets_a_day_stand_only_after_it_began(desk: Desk) -> None:
    late = replace(a_plan(), stands_from=OPENS)
    assert offer(desk, a_config(days={DAY: late})) is No.CONFIG_FLAWED


def test_an_older_config_cannot_come_back_over_a_newer_one(desk: Desk) -> None:
    assert offer(desk, FIRST) is None
    early = replace(later(0), active_from=FIRST.active_from, days={DAY: another_plan()})
    assert offer(desk, early) is No.DAY_CHANGED


@pytest.mark.parametrize(
    "changes",
    [
        {"lanes": 3, "days": {DAY: a_plan(lanes=3)}},
        {"campaign_key": "22" * 32},
        {"epoch_start": None},
        {"epoch_start": "22" * 32},
        {"keys": replace(KEYS, approver=KEYS.platform, platform=KEYS.approver)},
    ],
    ids=["lanes", "pseudonyms", "no start", "another start", "approver"],
)
def test_what_holds_for_an_epoch_holds_to_its_end(desk: Desk, changes: dict[str, Any]) -> None:
    assert offer(desk, FIRST) is None
    desk.clock.now += timedelta(hours=1)  # type: ignore[attr-defined]
    assert offer(desk, later(1, **changes)) in (No.EPOCH_CHANGED, No.CONFIG_UNSIGNED)


@pytest.mark.parametrize("epoch", [1, 2])
def test_no_new_epoch_starts_without_its_declaration(desk: Desk, epoch: int) -> None:
    assert offer(desk, FIRST) is None
    desk.clock.now += timedelta(hours=1)  # type: ignore[attr-defined]
    days = {NEXT_DAY: a_plan(day=NEXT_DAY)}
    assert offer(desk, later(1, epoch=epoch, days=days)) is No.NOT_DECLARED
    assert offer(desk, later(1, epoch=epoch, epoch_start=None, days=days)) is No.NOT_DECLARED


def test_only_the_config_in_force_is_signed_under(desk: Desk) -> None:
    """A round sealed before a new config began is still signed; one sealed after it is not."""
    midday = later(12, round_max=40)
    old, new = DrawDay(), DrawDay(config=midday)
    desk.clock.now = PUBLISHED  # type: ignore[attr-defined]
    assert offer(desk, FIRST) is None
    desk.clock.now = midday.published_at  # type: ignore[attr-defined]
    assert offer(desk, midday) is None
    for day in (old, new):
        day.enter(60)
    begins = midday.active_from
    assert begins == OPENS

    desk.clock.now = begins - timedelta(seconds=10)  # type: ignore[attr-defined]
    early = request_for(*new.seal(0, 9, 10))
    assert answer(desk, early) is No.CONFIG_NOT_IN_FORCE
    seal, taken = old.seal(0, 9, 10)
    assert isinstance(answer(desk, request_for(seal, taken)), bytes)
    final = bytes.fromhex(old.finish(seal, taken).final)

    desk.clock.now = begins + timedelta(minutes=5)  # type: ignore[attr-defined]
    waited, taken = old.seal(0, 9, 10)
    assert isinstance(answer(desk, request_for(waited, taken, previous_final=final)), bytes)
    final = bytes.fromhex(old.finish(waited, taken).final)
    held_back = request_for(*old.seal(0, 10, 5), previous_final=final)
    assert answer(desk, held_back) is No.CONFIG_NOT_IN_FORCE


def test_a_published_time_needs_its_zone() -> None:
    assert datetime(2026, 2, 5, 10, tzinfo=SHANGHAI) == PUBLISHED
