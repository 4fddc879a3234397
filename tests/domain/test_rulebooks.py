"""Rulebooks: the five campaigns, their packs and tiers, their days, and their plain words."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from huiquan.domain.days import days_between, ends_at, starts_at
from huiquan.domain.refund_rules import RefundPolicy, RefundRules, Share
from huiquan.domain.rulebook_days import (
    day_to_show,
    draw_day_for,
    draw_days,
    open_span,
    phase_at,
    rounds_of,
    validity,
)
from huiquan.domain.rulebook_reading import canonical, from_canonical
from huiquan.domain.rulebook_sentences import sentences, yuan
from huiquan.domain.rulebooks import (
    Mode,
    UseArea,
    max_face_fen,
    pack_numbered,
    tier_numbered,
    tiers_of,
)
from tests.domain.campaigns import CODES, campaign
from tests.tables import rows

TIERS = rows("""
    campaign           packs  tiers of each pack (face-threshold in yuan)
    2022-huigou-r3     2      20-60 50-150 80-240 | 80-240
    2024-xinchun       2      30-150 80-400 120-600 | 20-100 50-250 80-400
    2025-09-huigou     3      50-200 | 100-400 | 150-600
    2025-11-shike      1      30-150 60-300 80-400 160-800 200-1000
    2026-mashangyouli  3      50-200 100-400 150-600 | 50-200 100-400 150-600 | 30-150 60-300 80-400 160-800 200-1000
""")  # noqa: E501


@pytest.mark.requirement("R1.2")
@pytest.mark.parametrize("case", TIERS, ids=lambda case: case["campaign"])
def test_each_pack_holds_the_published_faces_and_thresholds(case: dict[str, str]) -> None:
    rulebook = campaign(case["campaign"])
    published = case["tiers of each pack (face-threshold in yuan)"].split(" | ")
    held = [
        " ".join(
            f"{yuan(tier.face_fen)}-{yuan(tier.threshold_fen)}"
            for tier in tiers_of(rulebook, pack.number)
        )
        for pack in rulebook.packs
    ]
    assert held == published
    assert len(rulebook.packs) == int(case["packs"])


def test_every_campaign_in_the_folder_is_in_the_table_of_tiers() -> None:
    assert [case["campaign"] for case in TIERS] == CODES


TERMS = rows("""
    campaign           mode     million  from        last draw   to          open         days  area
    2022-huigou-r3     instant  459      2022-09-29  2022-10-19  2022-10-28  20:00-24:00  10    registration_city
    2024-xinchun       instant  100      2024-02-13  2024-02-23  2024-02-29  10:00-24:00  7     registration_city
    2025-09-huigou     list     100      2025-09-08  2025-10-17  2025-10-28  08:00-24:00  10    registration_city
    2025-11-shike      list     40       2025-11-25  2025-12-25  2025-12-31  08:00-24:00  7     province
    2026-mashangyouli  instant  100      2026-02-02  2026-03-25  2026-03-31  10:00-24:00  7     province
""")  # noqa: E501


@pytest.mark.parametrize("case", TERMS, ids=lambda case: case["campaign"])
def test_each_campaign_has_its_money_dates_and_hours(case: dict[str, str]) -> None:
    rulebook = campaign(case["campaign"])
    assert rulebook.code == case["campaign"]
    assert rulebook.mode == case["mode"]
    assert rulebook.budget_fen == int(case["million"]) * 100_000_000
    assert str(rulebook.starts_on) == case["from"]
    assert str(rulebook.last_draw_on) == case["last draw"]
    assert str(rulebook.ends_on) == case["to"]
    assert f"{rulebook.opens_at}-{rulebook.closes_at}" == case["open"]
    assert rulebook.valid_days == int(case["days"])
    assert rulebook.use_area == case["area"]


@pytest.mark.requirement("R1.4")
def test_the_2026_campaign_allows_one_draw_and_one_win_a_day_and_five_wins_in_all() -> None:
    limits = campaign().limits
    assert (limits.draws_per_day, limits.wins_per_day, limits.wins_per_campaign) == (1, 1, 5)


@pytest.mark.requirement("R1.2")
def test_the_2026_packs_are_online_retail_store_retail_and_dining() -> None:
    packs = [(pack.channel, pack.category) for pack in campaign().packs]
    assert packs == [("online", "retail"), ("offline", "retail"), ("offline", "dining")]
    assert [max_face_fen(campaign(), number) for number in (1, 2, 3)] == [15_000, 15_000, 20_000]


def test_an_unknown_pack_or_tier_is_none() -> None:
    assert pack_numbered(campaign(), 4) is None
    assert tier_numbered(campaign(), 12) is None
    assert max_face_fen(campaign(), 4) == 0
    pack, tier = pack_numbered(campaign(), 3), tier_numbered(campaign(), 11)
    assert pack is not None
    assert pack.code == "dining"
    assert tier is not None
    assert tier.face_fen == 20_000


@pytest.mark.parametrize("code", CODES)
def test_a_rulebook_comes_back_unchanged_from_its_stored_form(code: str) -> None:
    stored = json.dumps(canonical(campaign(code)), ensure_ascii=False)
    assert from_canonical(json.loads(stored)) == campaign(code)


def test_a_stored_form_that_is_no_rulebook_is_refused() -> None:
    with pytest.raises(ValueError, match="packs"):
        from_canonical({**canonical(campaign()), "packs": 3})


@pytest.mark.parametrize("code", CODES)
def test_every_voucher_is_good_for_a_while_and_never_beyond_the_campaign(code: str) -> None:
    rulebook = campaign(code)
    for day in draw_days(rulebook):
        span = validity(rulebook, day, starts_at(day))
        assert span.first < span.until <= ends_at(rulebook.ends_on)


@pytest.mark.parametrize("code", [code for code in CODES if "2025" not in code])
def test_even_the_last_voucher_of_an_instant_campaign_has_its_full_validity(code: str) -> None:
    rulebook = campaign(code)
    span = validity(rulebook, rulebook.last_draw_on, starts_at(rulebook.last_draw_on))
    assert (span.until - span.first).days == rulebook.valid_days


def test_a_voucher_won_on_the_campaigns_last_day_ends_with_it() -> None:
    rulebook = replace(campaign(), last_draw_on=date(2026, 3, 31))
    issued_at = datetime.fromisoformat("2026-03-31T20:00+08:00")
    span = validity(rulebook, date(2026, 3, 31), issued_at)
    assert (span.first, span.until) == (issued_at, ends_at(date(2026, 3, 31)))


ROUNDS = rows("""
    campaign        round  sign up                  drawn       notice      redeem
    2025-09-huigou  1      2025-09-08 - 2025-09-09  2025-09-11  2025-09-12  2025-09-13 - 2025-09-22
    2025-09-huigou  2      2025-09-26 - 2025-09-27  2025-09-29  2025-09-30  2025-10-01 - 2025-10-10
    2025-11-shike   1      2025-11-25 - 2025-11-26  2025-11-27  2025-11-28  2025-11-29 - 2025-12-05
    2025-11-shike   2      2025-12-02 - 2025-12-03  2025-12-04  2025-12-05  2025-12-06 - 2025-12-12
    2025-11-shike   5      2025-12-23 - 2025-12-24  2025-12-25  2025-12-26  2025-12-27 - 2025-12-31
""")


@pytest.mark.requirement("R5.1")
@pytest.mark.parametrize("case", ROUNDS, ids=lambda case: f"{case['campaign']} {case['round']}")
def test_the_rounds_of_a_list_campaign_have_the_announced_days(case: dict[str, str]) -> None:
    turn = rounds_of(campaign(case["campaign"]))[int(case["round"]) - 1]
    assert f"{turn.sign_up[0]} - {turn.sign_up[-1]}" == case["sign up"]
    assert str(turn.draw_day) == case["drawn"]
    assert [str(day) for day in turn.publicity] == [case["notice"]]
    assert f"{turn.redeem[0]} - {turn.redeem[-1]}" == case["redeem"]


def test_a_list_voucher_is_good_from_the_redeem_hour_of_its_round_to_its_end() -> None:
    span = validity(
        campaign("2025-09-huigou"),
        date(2025, 9, 11),
        datetime.fromisoformat("2025-09-11T15:00+08:00"),
    )
    assert span.first == datetime.fromisoformat("2025-09-13T08:00+08:00")
    assert span.until == datetime.fromisoformat("2025-09-23T00:00+08:00")


def test_a_list_voucher_issued_late_is_good_from_its_issue() -> None:
    issued_at = datetime.fromisoformat("2025-09-14T15:00+08:00")
    span = validity(campaign("2025-09-huigou"), date(2025, 9, 11), issued_at)
    assert span.first == issued_at


def test_a_list_campaign_has_no_vouchers_of_a_day_without_a_draw() -> None:
    with pytest.raises(ValueError, match="2025-09-10"):
        validity(campaign("2025-09-huigou"), date(2025, 9, 10), starts_at(date(2025, 9, 10)))


PHASES = rows("""
    campaign           at                         phase   draw day
    2026-mashangyouli  2026-02-02T09:59:59+08:00  before  -
    2026-mashangyouli  2026-02-02T10:00:00+08:00  open    2026-02-02
    2026-mashangyouli  2026-02-06T09:59:59+08:00  closed  -
    2026-mashangyouli  2026-02-06T10:00:00+08:00  open    2026-02-06
    2026-mashangyouli  2026-02-06T23:59:59+08:00  open    2026-02-06
    2026-mashangyouli  2026-02-07T00:00:00+08:00  closed  -
    2026-mashangyouli  2026-03-25T23:59:59+08:00  open    2026-03-25
    2026-mashangyouli  2026-03-26T00:00:00+08:00  ended   -
    2024-xinchun       2024-02-14T12:00:00+08:00  closed  -
    2024-xinchun       2024-02-23T12:00:00+08:00  open    2024-02-23
    2025-09-huigou     2025-09-08T07:59:59+08:00  before  -
    2025-09-huigou     2025-09-08T08:00:00+08:00  open    2025-09-11
    2025-09-huigou     2025-09-09T00:30:00+08:00  open    2025-09-11
    2025-09-huigou     2025-09-10T00:00:00+08:00  closed  -
    2025-09-huigou     2025-09-27T12:00:00+08:00  open    2025-09-29
    2025-09-huigou     2025-10-16T00:00:00+08:00  ended   -
""")


@pytest.mark.requirement("R1.3")
@pytest.mark.parametrize("case", PHASES, ids=lambda case: f"{case['campaign']} {case['at']}")
def test_people_may_enter_only_in_the_open_hours_of_a_draw(case: dict[str, str]) -> None:
    rulebook, now = campaign(case["campaign"]), datetime.fromisoformat(case["at"])
    assert phase_at(rulebook, now) == case["phase"]
    day = draw_day_for(rulebook, now)
    assert (str(day) if day else "") == case["draw day"]


SHOWN = rows("""
    campaign           at                         day shown
    2026-mashangyouli  2026-02-06T03:00:00+08:00  2026-02-06
    2026-mashangyouli  2026-03-30T12:00:00+08:00  2026-03-30
    2025-09-huigou     2025-09-01T12:00:00+08:00  2025-09-11
    2025-09-huigou     2025-09-09T00:30:00+08:00  2025-09-11
    2025-09-huigou     2025-09-10T12:00:00+08:00  2025-09-11
    2025-09-huigou     2025-09-12T12:00:00+08:00  2025-09-11
    2025-09-huigou     2025-09-27T12:00:00+08:00  2025-09-29
    2025-09-huigou     2025-10-05T12:00:00+08:00  2025-09-29
    2025-09-huigou     2025-10-16T12:00:00+08:00  2025-10-17
""")


@pytest.mark.parametrize("case", SHOWN, ids=lambda case: f"{case['campaign']} {case['at']}")
def test_people_are_told_of_their_list_until_the_next_one_begins(case: dict[str, str]) -> None:
    rulebook, now = campaign(case["campaign"]), datetime.fromisoformat(case["at"])
    assert str(day_to_show(rulebook, now)) == case["day shown"]


def test_at_the_closing_hour_itself_the_day_is_closed() -> None:
    rulebook = replace(campaign(), closes_at="22:00")
    closing = datetime.fromisoformat("2026-02-06T22:00:00+08:00")
    assert phase_at(rulebook, closing - timedelta(microseconds=1)) == "open"
    assert phase_at(rulebook, closing) == "closed"


def test_a_day_without_a_draw_does_not_open() -> None:
    assert open_span(campaign(), date(2026, 3, 26)) is None
    assert open_span(campaign("2024-xinchun"), date(2024, 2, 14)) is None
    assert open_span(campaign("2025-09-huigou"), date(2025, 9, 12)) is None


def test_the_2026_campaign_draws_every_day_to_the_last_draw_day() -> None:
    assert draw_days(campaign()) == days_between(date(2026, 2, 2), date(2026, 3, 25))


@pytest.mark.requirement("R5.3")
@pytest.mark.parametrize("code", CODES)
def test_the_rules_people_read_carry_the_numbers_the_house_runs_on(code: str) -> None:
    rulebook = campaign(code)
    said = sentences(rulebook)
    for text in (" ".join(zh for zh, _ in said), " ".join(en for _, en in said)):
        for tier in rulebook.tiers:
            assert yuan(tier.face_fen) in text
            assert yuan(tier.threshold_fen) in text
        assert str(rulebook.limits.wins_per_campaign) in text
        assert str(rulebook.min_age) in text
        assert str(rulebook.location.max_accuracy_m) in text
    assert all(zh.endswith("。") and en.endswith(".") for zh, en in said)


CHANGES: list[tuple[str, object]] = [
    ("min_age", 19),
    ("valid_days", 9),
    ("persons_per_phone", 3),
    ("opens_at", "11:00"),
    ("ends_on", date(2026, 4, 2)),
    ("last_draw_on", date(2026, 3, 20)),
    ("use_area", UseArea.REGISTRATION_CITY),
    *(("refund_policy", policy) for policy in list(RefundPolicy)[1:]),
    *(
        ("refunds", RefundRules(voucher_returns_if_whole=returns, partial=share, within_days=30))
        for returns in (False, True)
        for share in Share
    ),
]


@pytest.mark.parametrize(("key", "value"), CHANGES)
def test_another_number_says_another_sentence(key: str, value: object) -> None:
    before, after = sentences(campaign()), sentences(replace(campaign(), **{key: value}))  # type: ignore[arg-type]
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 1
    old_zh, old_en = next(old for old, new in zip(before, after, strict=True) if old != new)
    assert changed[0][0] != old_zh
    assert changed[0][1] != old_en


def test_a_place_that_is_never_checked_is_not_spoken_of() -> None:
    rulebook = campaign()
    location = replace(rulebook.location, at_registration=False, at_draw=False)
    said = sentences(replace(rulebook, location=location))
    assert len(said) == len(sentences(rulebook)) - 1
    assert not any("定位" in zh for zh, _ in said)


@pytest.mark.parametrize(("fen", "text"), [(5000, "50"), (1250, "12.50"), (5, "0.05"), (0, "0")])
def test_fen_are_written_as_yuan(fen: int, text: str) -> None:
    assert yuan(fen) == text


def test_list_campaigns_are_the_two_of_2025() -> None:
    assert [code for code in CODES if campaign(code).mode is Mode.LIST] == [
        "2025-09-huigou",
        "2025-11-shike",
    ]
