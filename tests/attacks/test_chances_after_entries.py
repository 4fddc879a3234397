""" "They saw who had entered, and then set the chances."

At 10:30 the platform knows which packs its friends chose. It publishes, with the department's
signature and yesterday's date on it, a config in which those packs are sure to win.
"""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from huiquan.domain import draw_config
from huiquan.domain.draw_config import DrawConfig
from huiquan.domain.stock import Release, deal_day
from huiquan.domain.verdicts import Wrong
from notary.configs import Accepted
from notary.desk import Desk
from notary.refusals import No, Refused
from tests.attacks.weakened import OpenRegister, weak_desk
from tests.domain.draw_days import DAY, OPENS, DrawDay, a_config, sign_both
from tests.domain.test_verification_sealed import two_configs
from tests.notary.houses import Pair, answer, request_for


def one_lane(chance: Fraction, **changes: object) -> DrawConfig:
    """A config with one lane, in which pack 1 has this chance of tier 1."""
    basis = a_config(lanes=1)
    plan = basis.days[DAY]
    tables = {**plan.tables, 1: draw_config.table_from([(1, chance)])}
    root = bytes.fromhex(basis.dealing.root)
    topups = deal_day(root, DAY, 1, [Release(0, tier, 50) for tier in (1, 2, 3)])
    days = {DAY: replace(plan, tables=tables, topups=topups)}
    return a_config(**{"lanes": 1, "days": days, **changes})


def later_config(pair: Pair) -> DrawConfig:
    """The config made after the entries, dated back; it begins this very second."""
    return one_lane(
        Fraction(1), active_from=pair.clock.now, published_at=pair.clock.now - timedelta(hours=13)
    )


def slip_in(pair: Pair, desk: Desk) -> object:
    """Hand the later config to a signer, and ask for a seal under it."""
    config = later_config(pair)
    raw = draw_config.encode_config(config)
    cfg_hash = draw_config.cfg_hash_of(raw)
    accepted = desk.accept_config(raw, sign_both(cfg_hash))
    day = DrawDay(config=config)
    day.enter(10)
    seal, taken = day.seal(0, 10, 10)
    given = answer(desk, request_for(seal, taken))
    assert isinstance(accepted, Accepted) == isinstance(given, bytes)
    return given if isinstance(accepted, Accepted) else accepted


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """Both signers, with the config that everyone knows since yesterday."""
    pair = Pair(home=tmp_path, day=DrawDay(config=one_lane(Fraction(1, 10))))
    pair.clock.now = OPENS + timedelta(minutes=30)
    return pair


@pytest.mark.requirement("R5.1")
def test_a_signer_who_takes_any_config_proves_the_later_one_and_ours_refuses(pair: Pair) -> None:
    weak = weak_desk(pair.home / "weak", "notary", pair.clock,
                     register=OpenRegister, notice=timedelta(0))  # fmt: skip
    assert isinstance(slip_in(pair, weak), bytes)
    refused = slip_in(pair, pair.notary)
    assert isinstance(refused, Refused)
    assert refused.no is No.TOO_LATE


def test_even_twelve_hours_ahead_a_day_that_has_begun_keeps_its_chances(pair: Pair) -> None:
    config = replace(later_config(pair), active_from=pair.clock.now + timedelta(hours=13),
                     published_at=pair.clock.now)  # fmt: skip
    raw = draw_config.encode_config(config)
    given = pair.notary.accept_config(raw, sign_both(draw_config.cfg_hash_of(raw)))
    assert isinstance(given, Refused)
    assert given.no is No.DAY_CHANGED


def test_a_verifier_names_two_configs_that_disagree_about_a_day() -> None:
    chances = {1: [(1, Fraction(1))], 2: [(3, Fraction(1, 4))]}
    tables = {pack: draw_config.table_from(rows) for pack, rows in chances.items()}
    plan = replace(a_config().days[DAY], tables=tables)
    assert two_configs(days={DAY: plan}) is Wrong.CONFIGS_DISAGREE
