"""Cases: differences between books, from their finding until somebody explains them.  差错

    open --assigned--> open (has an owner)
    open --a person gives cause and reason--> closed, if no money differs
    open --the same, money differs--> proposed --another person, the same cause--> closed
    open --the other side's line arrives--> closed by the house itself

What was said stays: a case is never deleted, and each step is an event with a name and a time.
"""

from dataclasses import dataclass
from enum import StrEnum

from huiquan.domain.refusals import Refusal
from huiquan.domain.spoken import Spoken

REASON_MAX = 500


class DifferenceKind(Spoken):
    """How two books differ in one thing."""

    MISSING = "missing", "我方有、对方无", "ours only"
    EXTRA = "extra", "对方有、我方无", "theirs only"
    DOUBLED = "doubled", "对方重复", "theirs twice"
    AMOUNT = "amount", "金额不符", "other amount"
    SIGN = "sign", "方向相反", "opposite sign"
    DAY = "day", "日期不符", "another day"
    FEE = "fee", "银行手续费", "bank fee"
    INTEREST = "interest", "银行利息", "bank interest"
    RETURNED = "returned", "付款退回", "payment returned"
    NO_FILE = "no_file", "账单未到", "no file yet"
    CHANGED = "changed", "更正后内容不同", "changed by a later file"
    WITHDRAWN = "withdrawn", "更正后被删除", "left out by a later file"


OF_FILES = frozenset({DifferenceKind.NO_FILE, DifferenceKind.CHANGED, DifferenceKind.WITHDRAWN})
"""These are about a file, not about one more line of a day: no line is counted through them."""


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    PROPOSED = "proposed"
    CLOSED = "closed"

    @property
    def zh(self) -> str:
        """What it is called in Chinese."""
        return {"open": "待处理", "proposed": "待复核", "closed": "已关闭"}[self.value]


class Cause(StrEnum):
    """Why there was a difference: the only explanations that close a case."""

    CUT_OVER = "cut_over"
    REFUND_FIRST = "refund_first"
    BOOKED_LATER = "booked_later"
    PAYMENT_RETURNED = "payment_returned"
    FILE_ARRIVED = "file_arrived"
    BANK_FEE = "bank_fee"
    BANK_INTEREST = "bank_interest"
    THEIR_ERROR = "their_error"
    OUR_ERROR = "our_error"
    OTHER_BUSINESS = "other_business"
    CORRECTION = "correction"
    CHECKED_DAY = "checked_day"
    PAID_AFTER_ALL = "paid_after_all"

    @property
    def zh(self) -> str:
        """What it is called in Chinese."""
        return _CAUSES[self].zh

    @property
    def en(self) -> str:
        """What it is called in English."""
        return _CAUSES[self].en

    @property
    def fits(self) -> frozenset[DifferenceKind]:
        """The differences a person may close with it; none for what the house finds itself."""
        return _CAUSES[self].fits


@dataclass(frozen=True, kw_only=True)
class _CauseText:
    zh: str
    en: str
    fits: frozenset[DifferenceKind] = frozenset()


_K = DifferenceKind
_OF_LINES = frozenset({_K.MISSING, _K.EXTRA, _K.DOUBLED, _K.AMOUNT, _K.SIGN, _K.RETURNED, _K.DAY})
_CAUSES = {
    Cause.CUT_OVER: _CauseText(zh="零点日切", en="booked on either side of midnight"),
    Cause.REFUND_FIRST: _CauseText(zh="退款先于支付入账", en="the refund came before its payment"),
    Cause.BOOKED_LATER: _CauseText(zh="对方次日入账", en="booked on another day within the terms"),
    Cause.PAYMENT_RETURNED: _CauseText(
        zh="付款退回", en="the payment came back", fits=frozenset({_K.RETURNED, _K.EXTRA})
    ),
    Cause.FILE_ARRIVED: _CauseText(zh="账单已到", en="the file arrived"),
    Cause.BANK_FEE: _CauseText(
        zh="银行手续费，由运营方承担", en="a fee that the operator bears", fits=frozenset({_K.FEE})
    ),
    Cause.BANK_INTEREST: _CauseText(
        zh="专户利息", en="interest of the dedicated account", fits=frozenset({_K.INTEREST})
    ),
    Cause.THEIR_ERROR: _CauseText(
        zh="对方差错，已书面更正", en="their error, corrected in writing", fits=_OF_LINES
    ),
    Cause.OUR_ERROR: _CauseText(
        zh="我方差错，已按规定补正", en="our error, made good by the rules", fits=_OF_LINES
    ),
    Cause.OTHER_BUSINESS: _CauseText(
        zh="与本活动无关的款项",
        en="money of another business",
        fits=frozenset({_K.EXTRA, _K.DOUBLED, _K.RETURNED}),
    ),
    Cause.CORRECTION: _CauseText(
        zh="更正账单，已核实",
        en="a corrected file, verified",
        fits=frozenset({_K.CHANGED, _K.WITHDRAWN}),
    ),
    Cause.CHECKED_DAY: _CauseText(
        zh="日期差异，已核实", en="another day, verified", fits=frozenset({_K.DAY})
    ),
    Cause.PAID_AFTER_ALL: _CauseText(
        zh="报失败后银行实已付出，记商户应还款，以后清算扣回",
        en="paid after all, though called failed: the merchant owes it, settlements keep it",
        fits=frozenset({_K.EXTRA}),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One difference as it stands; amounts are of the fund's part, 0 where a book has no line.

    payment_ref: which of our payments a line of the bank was, as people said (PAID_AFTER_ALL).
    """

    case_id: int
    kind: DifferenceKind
    state: CaseState
    ours_fen: int
    theirs_fen: int
    paid_differs: bool = False
    owner: str | None = None
    cause: Cause | None = None
    payment_ref: str | None = None
    reason: str | None = None
    proposed_by: str | None = None
    closed_by: str | None = None

    @property
    def money_differs(self) -> bool:
        """Whether somebody has more or less than the books say."""
        return self.ours_fen != self.theirs_fen or self.paid_differs


@dataclass(frozen=True, kw_only=True)
class Closing:
    """One person's explanation, and whether it closes the case; is_known: it did so before."""

    cause: Cause
    payment_ref: str | None = None
    reason: str
    by: str
    is_final: bool
    is_known: bool = False


def decide_closing(
    case: Case, cause: Cause, reason: str, by: str, *, payment_ref: str | None = None
) -> Closing | Refusal:
    """Say whether a person's explanation closes a case.

    One whose money differs is closed by the second of two people who give the same cause, and mean
    the same payment where it is about one; another cause takes the place of what was proposed.
    Whoever closed a case and asks again with the same cause gets the same answer. Refuses
    CASE_CLOSED, CAUSE_DOES_NOT_FIT (also what only the house itself can find, and a file that did
    not arrive), MALFORMED (no reason given) and SAME_PERSON.
    """
    if case.state is CaseState.CLOSED:
        return _told_again(case, cause, by)
    if case.kind not in cause.fits:
        return Refusal.CAUSE_DOES_NOT_FIT
    said = reason.strip()
    if not 0 < len(said) <= REASON_MAX or "\0" in said:
        return Refusal.MALFORMED
    proposed = (case.cause, case.payment_ref)
    is_second = case.state is CaseState.PROPOSED and proposed == (cause, payment_ref)
    if is_second and case.proposed_by == by:
        return Refusal.SAME_PERSON
    is_final = is_second or not case.money_differs
    return Closing(cause=cause, payment_ref=payment_ref, reason=said, by=by, is_final=is_final)


def _told_again(case: Case, cause: Cause, by: str) -> Closing | Refusal:
    if (case.cause, case.closed_by) != (cause, by):
        return Refusal.CASE_CLOSED
    return Closing(
        cause=cause,
        payment_ref=case.payment_ref,
        reason=case.reason or "",
        by=by,
        is_final=True,
        is_known=True,
    )
