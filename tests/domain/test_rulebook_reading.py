"""Reading rulebooks: a wrong text is refused with the line to look at and the reason."""

import tomllib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.rulebook_lines import Path, line_of, lines_of
from huiquan.domain.rulebook_reading import RulebookError, read_rulebook
from huiquan.domain.rulebooks import Rulebook
from tests.domain.campaigns import CODES, NEW_YEAR, text_of

LIST = "2025-09-huigou"

# Each wrong rulebook is a right one with one text put in place of another, n-th occurrence.
# The line to be named is the line of the mark: the n-th line that begins with it in the wrong
# text. A reason may be named by a part of its English sentence.
Wrong = tuple[str, str, int, str, str, int, str]

WRONG: list[Wrong] = [
    # campaign, in place of, which, put, line that begins with, which, reason
    (NEW_YEAR, "lanes = 4", 1, "lanes = ", "lanes", 1, "not TOML"),
    (NEW_YEAR, "lanes = 4", 1, "lanes = 4\nlanes = 5", "lanes = 5", 1, "not TOML"),
    (NEW_YEAR, "valid_days = 7", 1, "valid_day = 7", "valid_day ", 1, "no key 'valid_day'"),
    (NEW_YEAR, "valid_days = 7", 1, "", "# 2026", 1, "'valid_days' is missing"),
    (NEW_YEAR, "lanes = 4", 1, "lanes = 4\nface_fen = 1", "face_fen", 1, "no key 'face_fen'"),
    (NEW_YEAR, "pack = 2", 1, "pack = 2\nlanes = 4", "lanes", 2, "no key 'lanes'"),
    (NEW_YEAR, "lanes = 4", 1, "lanes = 4\nextra = 1", "extra", 1, "no key 'extra'"),
    (NEW_YEAR, "face_fen = 8_000", 1, "face_fen = 8_000\nhue = 1", "hue", 1, "no key 'hue'"),
    (NEW_YEAR, "pack = 3", 2, "pack = '3'", "pack = '3'", 1, "expected int, got str"),
    (NEW_YEAR, "lanes = 4", 1, "lanes = 4.0", "lanes", 1, "expected int, got float"),
    (NEW_YEAR, "lanes = 4", 1, "lanes = true", "lanes", 1, "expected int, got bool"),
    (NEW_YEAR, "lanes = 4", 1, "lanes = 0", "lanes", 1, ">= 1"),
    (NEW_YEAR, "lanes = 4", 1, "lanes = 1025", "lanes", 1, "<= 1024"),
    (NEW_YEAR, "code_ttl_s = 30", 1, "code_ttl_s = 31", "code_ttl_s", 1, "<= 30"),
    (NEW_YEAR, '"instant"', 1, '"raffle"', "mode", 1, "not one of those allowed: 'raffle'"),
    (NEW_YEAR, '"10:00"', 1, '"25:00"', "opens_at", 1, "not written as it has to be"),
    (NEW_YEAR, '"hubei"', 1, '"hunan"', "area", 1, "'hunan'"),
    (NEW_YEAR, 'name_en = "Dining pack"\n', 1, "", "[[packs]]", 3, "'name_en' is missing"),
    (NEW_YEAR, "draws_per_day = 1\n", 1, "", "[limits]", 1, "'draws_per_day' is missing"),
    (NEW_YEAR, "number = 2", 1, "number = 1", "number = 1", 2, "stands twice"),
    (NEW_YEAR, "number = 3", 1, "number = 4", "number = 4", 1, "has to be 3"),
    (NEW_YEAR, "number = 11", 1, "number = 10", "number = 10", 2, "stands twice"),
    (NEW_YEAR, '"retail-offline"', 1, '"retail-online"', 'code = "retail-on', 2, "stands twice"),
    (NEW_YEAR, "money_percent = 20", 1, "money_percent = 21", "money_percent", 1, "101 %"),
    (NEW_YEAR, "entries_percent = 40", 2, "entries_percent = 30", "entries_percent", 1, "90 %"),
    (NEW_YEAR, "money_percent = 15", 1, "money_percent = 14", "money_percent", 10, "99 %"),
    (NEW_YEAR, "pack = 3", 1, "pack = 4", "pack = 4", 1, "no pack with the number 4"),
    (NEW_YEAR, "face_fen = 8_000", 1, "face_fen = 80_000", "face_fen = 80_000", 1, "above"),
    (
        NEW_YEAR,
        "threshold_fen = 15_000",
        1,
        "threshold_fen = 15_001",
        "threshold_fen = 15_001",
        1,
        "not a whole multiple",
    ),
    (NEW_YEAR, "draws_per_day = 1", 1, "draws_per_day = 2", "draws_per_day", 1, "has to be 1"),
    (NEW_YEAR, "persons_per_phone = 1", 1, "persons_per_phone = 2", "persons_per", 1, "one person"),
    (NEW_YEAR, "wins_per_day = 1", 1, "wins_per_day = 2", "wins_per_day", 1, "has to be 1"),
    (NEW_YEAR, "ends_on = 2026-03-31", 1, "ends_on = 2026-01-31", "ends_on", 1, "before the"),
    (
        NEW_YEAR,
        "last_draw_on = 2026-03-25",
        1,
        "last_draw_on = 2026-04-01",
        "last_draw_on",
        1,
        "between the start and the end",
    ),
    (NEW_YEAR, '"24:00"', 1, '"10:00"', "closes_at", 1, "not after it opens"),
    (NEW_YEAR, "last = 2026-02-23", 1, "last = 2026-02-13", "first = 2026-02-15", 1, "reversed"),
    (NEW_YEAR, "last = 2026-02-23", 1, "last = 2026-02-28", "first = 2026-02-28", 1, "earlier"),
    (
        NEW_YEAR,
        "first = 2026-02-14",
        1,
        "first = 2026-02-15\nlast = 2026-02-15\nweight = 1\n"
        'reason_zh = "x"\nreason_en = "x"\n[[named_days]]\nfirst = 2026-02-14',
        "first = 2026-02-15",
        2,
        "earlier",
    ),
    (NEW_YEAR, "first = 2026-02-02", 1, "first = 2026-02-01", "first = 2026-02-01", 1, "inside"),
    (NEW_YEAR, "entries = 2_200_000\n", 1, "", "[[named_days]]", 4, "at least a kind"),
    (NEW_YEAR, '"instant"', 1, '"list"', "mode", 1, "needs a [schedule]"),
    (NEW_YEAR, "[36, 8,", 1, "[36,", "arrivals_percent", 1, "13 shares"),
    (NEW_YEAR, "[36, 8,", 1, "[35, 8,", "arrivals_percent", 1, "99 %"),
    (NEW_YEAR, "[36, 8,", 1, "[0, 44,", "arrivals_percent", 1, "first hour"),
    (NEW_YEAR, "p_max_percent = 5", 1, "p_max_percent = 21", "p_max_percent", 1, "5 tiers"),
    (
        NEW_YEAR,
        "holiday_entries = 1_980_000",
        1,
        "holiday_entries = 1_000",
        "p_max_percent",
        1,
        "on 2026-02-15 the odds of tier 1 reach the bound",
    ),
    (
        NEW_YEAR,
        "entry_margin_percent = 110",
        1,
        "entry_margin_percent = 99",
        "entry_margin_percent",
        1,
        ">= 100",
    ),
    (NEW_YEAR, "workday_weight = 100", 1, "workday_weight = 0", "workday_weight", 1, ">= 1"),
    ("2024-xinchun", "2024-02-13, 2024", 1, "2024-02-23, 2024", "draws_only_on", 1, "in order"),
    ("2024-xinchun", "[2024-02-13, 2024", 1, "[2024-02-12, 2024", "draws_only_on", 1, "2024-02-12"),
    (LIST, '"list"', 1, '"instant"', "[schedule]", 1, "no [schedule]"),
    (LIST, "lanes = 1", 1, "lanes = 2", "lanes", 1, "has one list"),
    (NEW_YEAR, "round_max = 10_000", 1, "round_max = 60_000", "round_max", 1, "at most 50000"),
    (LIST, "redeem_days = 10", 1, "redeem_days = 9", "redeem_days", 1, "equal valid_days"),
    (LIST, "number = 2, sign", 1, "number = 3, sign", "    { number = 3", 1, "has to be 2"),
    (LIST, "2025-09-26 }", 1, "2025-09-11 }", "    { number = 2", 1, "before the round before"),
    (LIST, "2025-10-14 }", 1, "2025-10-15 }", "    { number = 3", 1, "beyond the campaign"),
    (
        LIST,
        "arrivals_percent = []",
        1,
        "arrivals_percent = [100]",
        "arrivals_percent",
        1,
        "at once",
    ),
    (
        LIST,
        "valid_days = 10",
        1,
        "valid_days = 10\ndraws_only_on = [2025-09-11]",
        "draws_only_on",
        1,
        "gives the draw days",
    ),
]


def put(text: str, old: str, which: int, new: str) -> str:
    """The text with the n-th occurrence of a part replaced; the part has to be there."""
    pieces = text.split(old)
    assert len(pieces) > which, f"{old!r} does not stand {which} times in the rulebook"
    return old.join(pieces[:which]) + new + old.join(pieces[which:])


def line_that_begins(text: str, mark: str, which: int) -> int:
    """The number of the n-th line that begins with the mark."""
    found = [n for n, line in enumerate(text.splitlines(), start=1) if line.startswith(mark)]
    return found[which - 1]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong[3][:40]!r} {wrong[6]}")
def test_a_wrong_rulebook_is_refused_with_its_line_and_reason(wrong: Wrong) -> None:
    code, old, which, new, mark, nth, reason = wrong
    text = put(text_of(code), old, which, new)
    outcome = read_rulebook(text)
    assert isinstance(outcome, RulebookError)
    assert outcome.line == line_that_begins(text, mark, nth), outcome
    assert reason in outcome.reason_en
    assert any("\u4e00" <= letter <= "\u9fff" for letter in outcome.reason_zh)


def test_a_text_that_stops_too_early_is_refused_at_its_last_line() -> None:
    outcome = read_rulebook('code = "x"\nlimits = [\n')
    assert isinstance(outcome, RulebookError)
    assert outcome.line == 2


def test_an_empty_text_is_refused_at_its_first_line() -> None:
    outcome = read_rulebook("")
    assert isinstance(outcome, RulebookError)
    assert outcome.line == 1


def without(text: str, table: str) -> str:
    """The text without any block that begins with this [[table]] line."""
    return "\n\n".join(
        block for block in text.split("\n\n") if f"\n[[{table}]]" not in f"\n{block}"
    )


@pytest.mark.parametrize(("table", "reason"), [("packs", "'packs'"), ("tiers", "'tiers'")])
def test_a_rulebook_without_packs_or_tiers_is_refused(table: str, reason: str) -> None:
    outcome = read_rulebook(without(text_of(NEW_YEAR), table))
    assert isinstance(outcome, RulebookError)
    assert reason in outcome.reason_en


def test_an_empty_list_of_packs_is_refused() -> None:
    text = "packs = []\n" + without(text_of(NEW_YEAR), "packs")
    outcome = read_rulebook(text)
    assert isinstance(outcome, RulebookError)
    assert (outcome.line, outcome.reason_en) == (1, "at least one of packs is needed")


def test_a_pack_without_tiers_is_refused() -> None:
    text = text_of(LIST)
    text = put(
        text,
        "pack = 3\nface_fen = 15_000\nthreshold_fen = 60_000\nmoney_percent = 100",
        1,
        "pack = 2\nface_fen = 15_000\nthreshold_fen = 60_000\nmoney_percent = 100",
    )
    outcome = read_rulebook(text)
    assert isinstance(outcome, RulebookError)
    assert "the tiers of pack 2" in outcome.reason_en
    text = put(
        text,
        "pack = 2\nface_fen = 10_000\nthreshold_fen = 40_000\nmoney_percent = 100",
        1,
        "pack = 2\nface_fen = 10_000\nthreshold_fen = 40_000\nmoney_percent = 50",
    )
    text = put(
        text,
        "threshold_fen = 60_000\nmoney_percent = 100",
        1,
        "threshold_fen = 60_000\nmoney_percent = 50",
    )
    outcome = read_rulebook(text)
    assert isinstance(outcome, RulebookError)
    assert outcome.line == line_that_begins(text, "[[packs]]", 3)
    assert outcome.reason_en == "pack 3 has no tier"


def test_a_last_draw_day_that_releases_nothing_is_refused() -> None:
    closed = (
        "\n[[named_days]]\nfirst = 2026-03-25\nlast = 2026-03-25\nweight = 0\n"
        'reason_zh = "停"\nreason_en = "closed"\n'
    )
    text = text_of(NEW_YEAR) + closed
    outcome = read_rulebook(text)
    assert isinstance(outcome, RulebookError)
    assert outcome.line == line_that_begins(text, "last_draw_on", 1)
    assert "weight 0" in outcome.reason_en


def test_a_year_whose_holidays_are_not_known_is_refused() -> None:
    text = text_of("2024-xinchun").replace("= 2024-", "= 2096-")
    text = text.replace("[2024-02-13, 2024-", "[2096-02-13, 2096-")
    outcome = read_rulebook(text)
    assert isinstance(outcome, RulebookError)
    assert "2096" in outcome.reason_en


@pytest.mark.parametrize("code", CODES)
def test_line_ends_of_another_system_change_nothing(code: str) -> None:
    assert isinstance(read_rulebook(text_of(code).replace("\n", "\r\n")), Rulebook)


RIGHT = [
    ("p_max_percent = 5", "p_max_percent = 20"),  # five tiers of 20 % are 100 %, not more
    ('"24:00"', '"23:30"'),  # the last hour is shorter and still has its share
    ("last_draw_on = 2026-03-25", "last_draw_on = 2026-03-31"),
    ("face_fen = 8_000", "face_fen = 40_000"),  # a voucher may pay for all of its threshold
]


@pytest.mark.parametrize(("old", "new"), RIGHT)
def test_numbers_on_the_bound_itself_are_right(old: str, new: str) -> None:
    assert isinstance(read_rulebook(put(text_of(NEW_YEAR), old, 1, new)), Rulebook)


PLACES = """\
# a comment with = and [
title = "a # b = c"
many = [1, 2,
  3, # three
  { deep = 'x]', "two words" = [ ] },
]
long = \"\"\"first
second = 2 \\\"\"\"x
third\"\"\"\"
inline = { a = 1, b.c = 2 }

[one.two]
key = '''x
y'''

[[packs]]
n = 1
[packs.more]
m = 1

[[packs]]
n = 2
"""

EXPECTED: list[tuple[Path, int]] = [
    (("title",), 2),
    (("many",), 3),
    (("many", 1), 3),
    (("many", 2), 4),
    (("many", 3), 5),
    (("many", 3, "deep"), 5),
    (("many", 3, "two words"), 5),
    (("long",), 7),
    (("inline", "b", "c"), 10),
    (("one", "two"), 12),
    (("one", "two", "key"), 13),
    (("packs",), 16),
    (("packs", 0, "n"), 17),
    (("packs", 0, "more", "m"), 19),
    (("packs", 1), 21),
    (("packs", 1, "n"), 22),
]


def test_the_text_with_the_places_is_toml() -> None:
    assert tomllib.loads(PLACES)["packs"][1]["n"] == 2


@pytest.mark.parametrize(("path", "line"), EXPECTED)
def test_the_line_of_every_value_is_known(path: Path, line: int) -> None:
    assert lines_of(PLACES)[path] == line


@pytest.mark.parametrize(
    ("path", "line"), [(("packs", 1, "absent"), 21), (("packs", 9), 16), (("absent",), 1), ((), 1)]
)
def test_what_does_not_stand_in_the_text_has_the_line_above_it(path: Path, line: int) -> None:
    assert line_of(lines_of(PLACES), path) == line


@given(st.lists(st.sampled_from(["", "# x", "  # = ["]), max_size=6), st.integers(0, 5))
def test_blank_lines_and_comments_shift_every_line_alike(above: Sequence[str], at: int) -> None:
    lead = "".join(f"{line}\n" for line in above)
    shifted = {path: line + len(above) for path, line in lines_of(PLACES).items()}
    assert lines_of(lead + PLACES) == shifted
