"""The draw's config: one spelling, one hash, two signatures, and no flaw.  摇号配置"""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain import draw_config
from huiquan.domain.draw_config import BadConfigError, DayPlan, DrawConfig, Limits, Tier, Witness
from huiquan.domain.draw_config_flaws import flaws_of
from huiquan.domain.hashes import tagged_hash
from huiquan.domain.stock import TopUp
from tests.domain.draw_days import DAY, KEYS, OPENS, SIGNERS, a_config, a_plan, sign_both

CONFIG = a_config()
RAW = draw_config.encode_config(CONFIG)


def test_what_the_draw_needs_stands_under_its_fixed_keys() -> None:
    fields = msgspec.json.decode(RAW)
    assert fields["lanes"] == 2
    day = fields["days"][str(DAY)]
    assert day["tables"]["2"] == [[str(2**62), 3]]
    assert day["topups"][0] == list(CONFIG.days[DAY].topups[0])
    assert draw_config.cfg_hash_of(RAW) == tagged_hash("cfg", RAW)


def test_a_config_is_read_back_as_it_was_written() -> None:
    assert draw_config.decode_config(RAW) == CONFIG
    assert draw_config.tables_of(CONFIG.days[DAY])[2] == ((2**62, 3),)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"\xff",
        RAW + b" ",
        b" " + RAW,
        RAW.replace(b'"lanes":2', b'"lanes":2.0'),
        RAW.replace(b'"lanes":2', b'"lanes":0'),
        RAW.replace(b'"lanes":2', b'"another":1,"lanes":2'),
        RAW.replace(b'"lanes":2', b'"lanes":2,"lanes":2'),
        RAW.replace(b'"lanes":2,', b""),
        RAW.replace(b"+08:00", b""),
        RAW.replace(b"draw-config/1", b"draw-config/2"),
        RAW.replace(KEYS.notary.encode(), KEYS.notary.upper().encode()),
    ],
)
def test_another_spelling_is_no_config(raw: bytes) -> None:
    with pytest.raises(BadConfigError):
        draw_config.decode_config(raw)


def test_numbers_that_no_reader_shares_are_refused() -> None:
    huge = RAW.replace(b'"forecast":100', b'"forecast":1152921504606846976')
    with pytest.raises(BadConfigError, match="not a draw config"):
        draw_config.decode_config(huge)


@pytest.mark.requirement("R5.1")
def test_a_config_needs_the_platform_and_the_approver() -> None:
    cfg_hash = draw_config.cfg_hash_of(RAW)
    both = sign_both(cfg_hash)
    assert draw_config.is_config_signed(CONFIG, cfg_hash, both)
    assert not draw_config.is_config_signed(CONFIG, bytes(32), both)
    swapped = draw_config.ConfigSignatures(platform=both.approver, approver=both.platform)
    assert not draw_config.is_config_signed(CONFIG, cfg_hash, swapped)
    alone = replace(both, approver=both.platform)
    assert not draw_config.is_config_signed(CONFIG, cfg_hash, alone)


def test_a_config_without_flaws_has_none() -> None:
    assert flaws_of(CONFIG) == ()


def plan(**changes: object) -> DrawConfig:
    """The config with a changed day."""
    return a_config(days={DAY: replace(a_plan(), **changes)})  # type: ignore[type-var]


def with_table(*rows: tuple[str, int]) -> DrawConfig:
    """The config with another table for pack 1."""
    return plan(tables={**a_plan().tables, 1: rows})


FLAWED = {
    "one key for two parties": (
        a_config(keys=replace(KEYS, auditor=KEYS.notary)),
        "different keys",
    ),
    "a key without a secret": (a_config(keys=replace(KEYS, notary="00" * 32)), "not a valid key"),
    "too few witnesses": (a_config(log=replace(CONFIG.log, quorum=3)), "quorum"),
    "one witness twice": (
        a_config(log=replace(CONFIG.log, witnesses=CONFIG.log.witnesses[:1] * 2)),
        "of its own",
    ),
    "a witness with a space": (
        a_config(
            log=replace(CONFIG.log, witnesses=(Witness(name="a b", key="00" * 32),), quorum=1)
        ),
        "spaces",
    ),
    "two draws a day": (
        a_config(limits=Limits(entries_per_day=2, wins_per_day=1, wins_per_campaign=5)),
        "once a day",
    ),
    "a gap in the packs": (a_config(packs={1: CONFIG.packs[1], 3: CONFIG.packs[2]}), "packs"),
    "no tier": (a_config(tiers={}), "tiers"),
    "a tier of no pack": (
        a_config(tiers={**CONFIG.tiers, 3: replace(CONFIG.tiers[3], pack=9)}),
        "does not exist",
    ),
    "a threshold below the face": (
        a_config(tiers={**CONFIG.tiers, 3: Tier(pack=2, face_fen=200, threshold_fen=199)}),
        "threshold",
    ),
    "eleven hours of notice": (
        a_config(active_from=CONFIG.published_at + timedelta(hours=11, minutes=59)),
        "12 hours",
    ),
    "no day": (a_config(days={}), "at least one day"),
    "the 30th of February": (a_config(days={20260230: a_plan()}), "is no day"),
    "a pack without a table": (plan(tables={1: a_plan().tables[1]}), "a table for each pack"),
    "falling bounds": (with_table(("20", 1), ("10", 2)), "rise"),
    "a bound of 2^64": (with_table((str(2**64), 1)), "rise"),
    "a bound with a zero in front": (with_table(("010", 1)), "whole number"),
    "a bound that is no number": (with_table(("ten", 1)), "whole number"),
    "a tier twice": (with_table(("10", 1), ("20", 1)), "repeated"),
    "a tier of another pack": (with_table(("10", 3)), "foreign"),
    "hour 24": (plan(topups=(TopUp(24, 0, 1, 1),)), "out of range"),
    "lane 2 of 2": (plan(topups=(TopUp(1, 2, 1, 1),)), "out of range"),
    "tier 4 of 3": (plan(topups=(TopUp(1, 1, 4, 1),)), "unknown tier"),
    "more than can be counted": (plan(topups=(TopUp(1, 1, 1, 2**32 - 1),) * 2), "counted"),
    "stock dealt by hand": (plan(topups=(TopUp(1, 1, 1, 40),)), "what the published root deals"),
}


@pytest.mark.parametrize("name", FLAWED)
def test_every_flaw_is_named(name: str) -> None:
    config, words = FLAWED[name]
    assert any(words in flaw for flaw in flaws_of(config)), flaws_of(config)


chances = st.lists(
    st.fractions(min_value=0, max_value=Fraction(1, 4), max_denominator=10**6), max_size=4
)


@given(chances=chances)
def test_a_table_gives_each_tier_its_chance_to_the_last_ticket(chances: list[Fraction]) -> None:
    table = draw_config.table_from(list(enumerate(chances, start=1)))
    by_tier = {tier: int(bound) for bound, tier in table}
    total = Fraction(0)
    for tier, chance in enumerate(chances, start=1):
        total += chance
        if tier in by_tier:
            bound = by_tier[tier]
            assert bound <= total * 2**64 < bound + 1 or (total == 1 and bound == 2**64 - 1)
        else:
            assert chance < Fraction(1, 2**63)


@pytest.mark.parametrize("wrong", [[Fraction(2, 3), Fraction(2, 3)], [Fraction(-1, 3)]])
def test_chances_beyond_certainty_are_refused(wrong: list[Fraction]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        draw_config.table_from(list(enumerate(wrong, start=1)))


def test_of_the_configs_that_began_the_last_one_acts() -> None:
    starts = {b"old": OPENS, b"new": OPENS + timedelta(hours=2)}
    assert draw_config.in_force(starts, OPENS - timedelta(seconds=1)) is None
    assert draw_config.in_force(starts, OPENS + timedelta(hours=1)) == b"old"
    assert draw_config.in_force(starts, OPENS + timedelta(hours=2)) == b"new"


def test_lanes_follow_the_config_that_started_the_epoch() -> None:
    assert draw_config.epoch_start_of(CONFIG, b"h" * 32) == b"h" * 32
    later = replace(CONFIG, epoch_start="ab" * 32)
    assert draw_config.epoch_start_of(later, b"h" * 32) == b"\xab" * 32


def test_a_day_plan_keeps_its_order() -> None:
    assert isinstance(a_plan(), DayPlan)
    assert SIGNERS["platform"].key.hex() == KEYS.platform
