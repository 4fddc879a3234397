"""How the coming days' config is made from the rulebook and the money that is free."""

from datetime import date, datetime, timedelta

import pytest

from huiquan.domain.config_making import (
    LEAD,
    coming_days,
    log_origin,
    make_config,
    release_by_lane,
)
from huiquan.domain.days import SHANGHAI, starts_at
from huiquan.domain.draw_config import decode_config, is_config_signed
from huiquan.domain.draw_config_flaws import flaws_of
from huiquan.domain.stock import is_dealt
from tests.domain.campaigns import campaign as rulebook_of
from tests.domain.drawing import DAY, EVE, basis, campaign_in_force, made_for, signed_for

RULEBOOK = rulebook_of("2026-mashangyouli")
INSTANT = ["2026-mashangyouli", "2022-huigou-r3", "2024-xinchun"]
LISTS = ["2025-09-huigou", "2025-11-shike"]


@pytest.mark.requirement("R5.1")
@pytest.mark.parametrize("code", [*INSTANT, *LISTS])
def test_every_campaigns_first_config_is_without_a_flaw(code: str) -> None:
    rulebook = rulebook_of(code)
    before = datetime.combine(rulebook.starts_on, datetime.min.time(), SHANGHAI)
    # A part of the money is enough to see the shape; each unit is dealt to its lane by a hash.
    made = made_for(rulebook, at=before - timedelta(days=1), free_fen=100_000_000)
    assert flaws_of(made.config) == ()


@pytest.mark.requirement("R2.3")
def test_a_config_acts_12_hours_after_it_is_published_and_only_on_days_that_begin_later() -> None:
    made = made_for(RULEBOOK)
    assert made.config.active_from - made.config.published_at == LEAD >= timedelta(hours=12)
    assert list(made.config.days) == [20260206, 20260207, 20260208]
    assert min(made_for(RULEBOOK, at=EVE + timedelta(hours=3)).config.days) == 20260207


def test_a_round_of_a_list_is_planned_until_its_sign_up_begins() -> None:
    rulebook = rulebook_of("2025-11-shike")
    sign_up = starts_at(date(2025, 11, 25))
    plans = make_config(basis(rulebook, at=sign_up - LEAD)).config.days  # type: ignore[union-attr]
    assert list(plans) == [20251127, 20251204, 20251211]
    assert plans[20251127].stands_from == sign_up
    late = coming_days(rulebook, sign_up - LEAD + timedelta(seconds=1))
    assert late[0] == date(2025, 12, 4)


def test_days_end_with_the_last_draw() -> None:
    late = datetime(2026, 3, 24, 9, 0, tzinfo=SHANGHAI)
    assert [day.isoformat() for day in coming_days(RULEBOOK, late)] == ["2026-03-25"]
    after = datetime(2026, 3, 25, 9, 0, tzinfo=SHANGHAI)
    assert make_config(basis(RULEBOOK, at=after)) is None


@pytest.mark.requirement("R2.4")
def test_the_money_of_a_day_is_what_its_vouchers_are_worth_to_the_fen() -> None:
    made = made_for(RULEBOOK)
    for day, plan in made.config.days.items():
        worth_fen = sum(
            topup.units * made.config.tiers[topup.tier].face_fen for topup in plan.topups
        )
        assert worth_fen == made.release_fen[day]
        assert sum(release_by_lane(plan, made.config.tiers).values()) == worth_fen


def test_days_never_promise_more_than_is_free() -> None:
    for free_fen in (0, 1, 3_000, 1_000_000, 10_000_000_000):
        made = made_for(RULEBOOK, free_fen=free_fen)
        assert sum(made.release_fen.values()) <= free_fen


@pytest.mark.requirement("R5.1")
def test_units_go_to_lanes_by_the_public_rule() -> None:
    made = made_for(RULEBOOK)
    root = bytes.fromhex(made.config.dealing.root)
    for day, plan in made.config.days.items():
        assert is_dealt(root, day, made.config.lanes, plan.topups)


def test_both_signatures_stand_under_the_hash_of_the_exact_bytes() -> None:
    made, signed = signed_for(RULEBOOK)
    assert decode_config(signed.raw) == made.config
    assert is_config_signed(made.config, signed.cfg_hash, signed.signatures)
    assert made.config.log.origin == log_origin(RULEBOOK.code)


def test_a_campaign_is_judged_by_the_version_in_force() -> None:
    campaign = campaign_in_force()
    assert campaign.version_at(EVE).version == 1
    assert campaign.rulebook_at(EVE - timedelta(days=99)) == RULEBOOK
    assert campaign.days[DAY].plan == campaign.days[DAY].config.days[DAY]
