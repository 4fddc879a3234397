"""Who may close a difference, with which cause, and when a second person is needed."""

import pytest

from huiquan.domain.cases import Case, CaseState, Cause, Closing, DifferenceKind, decide_closing
from huiquan.domain.refusals import Refusal

K, S, C = DifferenceKind, CaseState, Cause

TABLE = [
    # kind, ours, theirs, state, cause before, proposed by, cause now, by, reason, outcome
    (K.MISSING, 5, 0, S.OPEN, None, None, C.THEIR_ERROR, "wang", "a letter came", "proposed"),
    (K.MISSING, 5, 0, S.PROPOSED, C.THEIR_ERROR, "wang", C.THEIR_ERROR, "li", "seen", "closed"),
    (
        *(K.MISSING, 5, 0, S.PROPOSED, C.THEIR_ERROR, "wang", C.THEIR_ERROR, "wang", "again"),
        Refusal.SAME_PERSON,
    ),
    (K.MISSING, 5, 0, S.PROPOSED, C.THEIR_ERROR, "wang", C.OUR_ERROR, "li", "no", "proposed"),
    (K.MISSING, 5, 0, S.PROPOSED, C.THEIR_ERROR, "wang", C.OUR_ERROR, "wang", "no", "proposed"),
    (K.DAY, 5, 5, S.OPEN, None, None, C.CHECKED_DAY, "wang", "a till without network", "closed"),
    (K.FEE, 0, -2, S.OPEN, None, None, C.BANK_FEE, "wang", "paid by us", "proposed"),
    (K.FEE, 0, -2, S.OPEN, None, None, C.THEIR_ERROR, "wang", "x", Refusal.CAUSE_DOES_NOT_FIT),
    (K.MISSING, 5, 0, S.OPEN, None, None, C.CUT_OVER, "wang", "x", Refusal.CAUSE_DOES_NOT_FIT),
    (K.NO_FILE, 5, 0, S.OPEN, None, None, C.OUR_ERROR, "wang", "x", Refusal.CAUSE_DOES_NOT_FIT),
    (K.MISSING, 5, 0, S.OPEN, None, None, C.OUR_ERROR, "wang", "  ", Refusal.MALFORMED),
    (K.MISSING, 5, 0, S.OPEN, None, None, C.OUR_ERROR, "wang", "x" * 501, Refusal.MALFORMED),
    (K.MISSING, 5, 0, S.CLOSED, C.OUR_ERROR, "a", C.OUR_ERROR, "wang", "x", Refusal.CASE_CLOSED),
    (K.MISSING, 5, 0, S.CLOSED, C.OUR_ERROR, "a", C.OUR_ERROR, "a", "x", Refusal.CASE_CLOSED),
    (K.MISSING, 5, 0, S.CLOSED, C.OUR_ERROR, "a", C.OUR_ERROR, "li", "x", "closed"),
    (K.MISSING, 5, 0, S.CLOSED, C.OUR_ERROR, "a", C.THEIR_ERROR, "li", "x", Refusal.CASE_CLOSED),
]


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}-{row[6]}-{row[9]}")
def test_a_difference_of_money_is_explained_by_two_people(row: tuple[object, ...]) -> None:
    kind, ours, theirs, state, before, proposed_by, cause, by, reason, outcome = row
    case = Case(
        case_id=1,
        kind=kind,  # type: ignore[arg-type]
        state=state,  # type: ignore[arg-type]
        ours_fen=ours,  # type: ignore[arg-type]
        theirs_fen=theirs,  # type: ignore[arg-type]
        cause=before,  # type: ignore[arg-type]
        proposed_by=proposed_by,  # type: ignore[arg-type]
        closed_by="li" if state is S.CLOSED else None,
    )
    decided = decide_closing(case, cause, reason, by)  # type: ignore[arg-type]
    if isinstance(decided, Closing):
        assert ("closed" if decided.is_final else "proposed") == outcome
        assert (decided.cause, decided.by) == (cause, by)
    else:
        assert decided is outcome


def test_two_people_confirm_the_same_payment() -> None:
    case = Case(
        case_id=1,
        kind=K.EXTRA,
        state=S.PROPOSED,
        ours_fen=0,
        theirs_fen=-5,
        cause=C.PAID_AFTER_ALL,
        payment_ref="20260213-17",
        proposed_by="wang",
    )
    same = decide_closing(case, C.PAID_AFTER_ALL, "seen", "li", payment_ref="20260213-17")
    other = decide_closing(case, C.PAID_AFTER_ALL, "seen", "li", payment_ref="20260213-18")
    assert isinstance(same, Closing)
    assert isinstance(other, Closing)
    assert (same.is_final, other.is_final) == (True, False)
    assert (same.payment_ref, other.payment_ref) == ("20260213-17", "20260213-18")


def test_what_the_customer_paid_is_money_too() -> None:
    case = Case(case_id=1, kind=K.AMOUNT, state=S.OPEN, ours_fen=5, theirs_fen=5, paid_differs=True)
    closing = decide_closing(case, C.THEIR_ERROR, "seen", "wang")
    assert isinstance(closing, Closing)
    assert not closing.is_final


@pytest.mark.parametrize("word", [*K, *C])
def test_every_name_is_said_in_both_languages(word: DifferenceKind | Cause) -> None:
    assert word.zh
    assert word.en.isascii()
    assert not word.zh.isascii()
