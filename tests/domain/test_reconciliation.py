"""Each line of each book ends in exactly one place, and every lie in a bill is found."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.bill_mappings import LineKind, Terms
from huiquan.domain.cases import Cause, DifferenceKind
from huiquan.domain.days import SHANGHAI
from huiquan.domain.reconciliation import Compared, Line, compare

DAY = date(2026, 2, 6)
NOON = datetime(2026, 2, 6, 12, tzinfo=SHANGHAI)
TERMS = Terms()
LATE = Terms(days_apart=4)


def line(
    key: str,
    amount_fen: int = 5_000,
    *,
    kind: LineKind = LineKind.REDEEM,
    sub: str = "",
    paid_fen: int | None = None,
    days: int = 0,
    at: datetime = NOON,
) -> Line:
    return Line(
        key=key,
        day=DAY + timedelta(days=days),
        kind=kind,
        ref="P1",
        sub=sub,
        amount_fen=amount_fen,
        paid_fen=paid_fen,
        at=at + timedelta(days=days),
    )


def told(compared: Compared) -> list[tuple[str, str, str, str]]:
    return [
        (
            one.kind.value,
            one.ours.key if one.ours else "",
            one.theirs.key if one.theirs else "",
            one.cause.value if one.cause else "",
        )
        for one in compared.differences
    ]


REFUND, OUT, IN = LineKind.REFUND, LineKind.OUT, LineKind.IN
MIDNIGHT = datetime(2026, 2, 6, 23, 59, 59, tzinfo=SHANGHAI)

TABLE = [
    # what happened, ours, theirs, terms, the differences as kind, ours, theirs, cause
    ("the same in both books", [line("a")], [line("x")], TERMS, []),
    ("theirs does not have it", [line("a")], [], TERMS, [("missing", "a", "", "")]),
    ("ours does not have it", [], [line("x")], TERMS, [("extra", "", "x", "")]),
    (
        "theirs has it twice",
        [line("a")],
        [line("x"), line("y", at=NOON + timedelta(seconds=9))],
        TERMS,
        [("doubled", "", "y", "")],
    ),
    ("one fen less", [line("a")], [line("x", 4_999)], TERMS, [("amount", "a", "x", "")]),
    ("the sign is turned", [line("a")], [line("x", -5_000)], TERMS, [("sign", "a", "x", "")]),
    (
        "the customer paid another amount",
        [line("a", paid_fen=100)],
        [line("x", paid_fen=99)],
        TERMS,
        [("amount", "a", "x", "")],
    ),
    ("what the customer paid is not told", [line("a", paid_fen=100)], [line("x")], TERMS, []),
    ("another day", [line("a")], [line("x", days=1)], TERMS, [("day", "a", "x", "")]),
    (
        "a second before midnight, theirs on the next day",
        [line("a", at=MIDNIGHT)],
        [line("x", days=1)],
        TERMS,
        [("day", "a", "x", "cut_over")],
    ),
    (
        "a second before midnight, theirs two days later",
        [line("a", at=MIDNIGHT)],
        [line("x", days=2)],
        TERMS,
        [("day", "a", "x", "")],
    ),
    (
        "the bank books within its days",
        [line("a", -700, kind=OUT)],
        [line("x", -700, kind=OUT, days=4)],
        LATE,
        [("day", "a", "x", "booked_later")],
    ),
    (
        "the bank books later than that",
        [line("a", -700, kind=OUT)],
        [line("x", -700, kind=OUT, days=5)],
        LATE,
        [("day", "a", "x", "")],
    ),
    (
        "a refund came before its payment",
        [line("a"), line("b", -5_000, kind=REFUND)],
        [line("x", days=1), line("y", -5_000, kind=REFUND)],
        TERMS,
        [("day", "a", "x", "refund_first")],
    ),
    (
        "two refunds of one payment are told apart by their numbers",
        [line("a", -1, kind=REFUND, sub="R1"), line("b", -2, kind=REFUND, sub="R2")],
        [line("x", -2, kind=REFUND, sub="R1"), line("y", -1, kind=REFUND, sub="R2")],
        TERMS,
        [("amount", "a", "x", ""), ("amount", "b", "y", "")],
    ),
    (
        "a refund without a number is known by its amount",
        [line("a", -1, kind=REFUND), line("b", -2, kind=REFUND)],
        [line("x", -2, kind=REFUND, sub="R1"), line("y", -1, kind=REFUND, sub="R2")],
        TERMS,
        [],
    ),
    (
        "a payment we never booked came back",
        [],
        [line("x", -700, kind=OUT), line("y", 700, kind=IN, days=1)],
        LATE,
        [("returned", "", "x", "payment_returned"), ("returned", "", "y", "payment_returned")],
    ),
    (
        "a payment we booked came back: somebody must book it back",
        [line("a", -700, kind=OUT)],
        [line("x", -700, kind=OUT), line("y", 700, kind=IN, days=1)],
        LATE,
        [("returned", "", "y", "")],
    ),
    ("a bank's fee", [], [line("x", -20, kind=LineKind.FEE)], LATE, [("fee", "", "x", "")]),
    ("interest", [], [line("x", 3, kind=LineKind.INTEREST)], LATE, [("interest", "", "x", "")]),
]


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize(
    ("ours", "theirs", "terms", "expected"),
    [pytest.param(*row[1:], id=row[0]) for row in TABLE],
)
def test_every_difference_has_a_name_and_some_explain_themselves(
    ours: list[Line], theirs: list[Line], terms: Terms, expected: list[tuple[str, ...]]
) -> None:
    compared = compare(ours, theirs, terms)
    assert told(compared) == expected
    assert len(compared.matches) * 2 + placed(compared) == len(ours) + len(theirs)


def test_a_line_of_an_earlier_day_that_comes_again_is_theirs_twice() -> None:
    compared = compare([], [line("y", days=1)], TERMS, earlier=[line("x")])
    assert told(compared) == [("doubled", "", "y", "")]


def placed(compared: Compared) -> int:
    return sum((one.ours is not None) + (one.theirs is not None) for one in compared.differences)


lines = st.builds(
    lambda kind, amount_fen, paid_fen, sub, days, second: Line(
        key="",
        day=DAY + timedelta(days=days),
        kind=kind,
        ref="P1",
        sub=sub if kind is REFUND else "",
        amount_fen=amount_fen,
        paid_fen=paid_fen,
        at=NOON + timedelta(days=days, seconds=second),
    ),
    st.sampled_from(LineKind),
    st.integers(-3, 3),
    st.sampled_from([None, 0, 1]),
    st.sampled_from(["", "R1", "R2"]),
    st.integers(0, 2),
    st.integers(0, 86_000),
)


def named(side: str, found: Sequence[Line]) -> list[Line]:
    return [replace(one, key=f"{side}{place}") for place, one in enumerate(found)]


@pytest.mark.requirement("R2.4")
@given(st.lists(lines, max_size=7), st.lists(lines, max_size=7), st.lists(lines, max_size=2))
def test_each_line_ends_in_one_place_and_the_sums_add_up(
    ours: list[Line], theirs: list[Line], earlier: list[Line]
) -> None:
    """The second count knows nothing of pairs: it counts keys, and adds amounts."""
    mine, other = named("a", ours), named("x", theirs)
    compared = compare(mine, other, TERMS, earlier=earlier)
    seen: Counter[str] = Counter()
    for ours_line, theirs_line in compared.matches:
        seen.update((ours_line.key, theirs_line.key))
        assert (ours_line.kind, ours_line.day, ours_line.amount_fen) == (
            *(theirs_line.kind, theirs_line.day, theirs_line.amount_fen),
        )
    for one in compared.differences:
        seen.update(each.key for each in (one.ours, one.theirs) if each)
    assert seen == Counter(each.key for each in (*mine, *other))
    total = sum(one.amount_fen for one in mine) - sum(one.amount_fen for one in other)
    assert sum(one.fen for one in compared.differences) == total


@given(st.lists(lines, max_size=8))
def test_a_book_agrees_with_itself(found: list[Line]) -> None:
    compared = compare(named("a", found), named("x", found), TERMS)
    assert compared.differences == ()


@given(st.lists(lines, max_size=6), st.lists(lines, max_size=6), st.randoms())
def test_the_order_in_a_file_does_not_change_what_is_left(
    ours: list[Line], theirs: list[Line], dice: object
) -> None:
    def left(a: list[Line], b: list[Line]) -> int:
        return sum(one.fen for one in compare(a, b, TERMS).differences)

    mine, other = named("a", ours), named("x", theirs)
    shuffled = list(other)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert left(mine, other) == left(mine, shuffled)


def test_only_the_house_finds_what_explains_itself() -> None:
    by_itself = {Cause.CUT_OVER, Cause.REFUND_FIRST, Cause.BOOKED_LATER, Cause.FILE_ARRIVED}
    assert {cause for cause in Cause if not cause.fits} == by_itself
    for kind in DifferenceKind:
        assert kind is DifferenceKind.NO_FILE or any(kind in cause.fits for cause in Cause)
