r"""What the bank answers to a payment file, and what a line makes of it.  银行回盘

    waiting --paid--> paid --returned (退汇)--> bounced
       \----failed or returned before payment--> bounced

A bank may answer late, twice, or differently twice. What a line has not heard yet moves money;
what it has heard already changes nothing; what contradicts it is kept and moves nothing, and the
merchant's settlements are held back until a person has asked the bank: to pay again what the bank
paid already would be worse than to pay late.
"""

import csv
import io
from dataclasses import dataclass
from enum import StrEnum

from huiquan.domain.money import parse_yuan
from huiquan.domain.refusals import Refusal


class Outcome(StrEnum):
    """What became of a payment, by the bank."""

    PAID = "paid"  # 成功
    FAILED = "failed"  # 失败
    RETURNED = "returned"  # 退汇


class LineState(StrEnum):
    """How a line of a payment file stands."""

    WAITING = "waiting"
    PAID = "paid"
    BOUNCED = "bounced"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What an answer did: it was booked, or it contradicts what is booked."""

    BOOKED = "booked"
    UNKNOWN_LINE = "unknown_line"  # 查无此笔
    OTHER_AMOUNT = "other_amount"  # 金额不符
    PAID_AFTER_BOUNCE = "paid_after_bounce"  # 先退后付
    FAILED_AFTER_PAYMENT = "failed_after_payment"  # 先付后败
    OTHER_BANK_REF = "other_bank_ref"  # 银行流水号不同
    BANK_REF_USED = "bank_ref_used"  # 银行流水号已属另一笔


VERDICTS_ZH = {
    Verdict.UNKNOWN_LINE: "查无此笔",
    Verdict.OTHER_AMOUNT: "金额不符",
    Verdict.PAID_AFTER_BOUNCE: "先报未付，后报已付",
    Verdict.FAILED_AFTER_PAYMENT: "先报已付，后报失败",
    Verdict.OTHER_BANK_REF: "同一笔有两个银行流水号",
    Verdict.BANK_REF_USED: "银行流水号已属另一笔",
}
"""What each contradiction is called where people read it."""


class Deed(StrEnum):
    """What is to be done about an answer."""

    PAY = "pay"
    BOUNCE = "bounce"
    PAY_BACK = "pay_back"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One line of the bank's answer; amount in fen."""

    ref: str
    outcome: Outcome
    amount_fen: int
    bank_ref: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class LineFact:
    """The line an answer is about, as it stands.

    bank_ref is the bank's number under which it was paid; is_ref_taken: the answer's number stands
    for another line's payment.
    """

    state: LineState
    amount_fen: int
    bank_ref: str | None
    is_ref_taken: bool = False


def decide_answer(line: LineFact | None, answer: Answer) -> tuple[Deed, Verdict]:
    """Say what an answer does to its line (I28, I34): never two payments, never two returns."""
    if line is None or line.state is LineState.WITHDRAWN:
        return Deed.NOTHING, Verdict.UNKNOWN_LINE
    if line.amount_fen != answer.amount_fen:
        return Deed.NOTHING, Verdict.OTHER_AMOUNT
    is_paid, same = answer.outcome is Outcome.PAID, answer.bank_ref == line.bank_ref
    if line.state is LineState.WAITING:
        if is_paid and line.is_ref_taken:
            return Deed.NOTHING, Verdict.BANK_REF_USED
        return Deed.PAY if is_paid else Deed.BOUNCE, Verdict.BOOKED
    if line.state is LineState.BOUNCED:
        return Deed.NOTHING, Verdict.PAID_AFTER_BOUNCE if is_paid and not same else Verdict.BOOKED
    if answer.outcome is Outcome.RETURNED:
        return Deed.PAY_BACK, Verdict.BOOKED
    if answer.outcome is Outcome.FAILED:
        return Deed.NOTHING, Verdict.FAILED_AFTER_PAYMENT
    return Deed.NOTHING, Verdict.BOOKED if same else Verdict.OTHER_BANK_REF


COLUMNS = ("客户流水号", "金额", "处理结果", "银行流水号", "失败原因")
_OUTCOMES = {"成功": Outcome.PAID, "失败": Outcome.FAILED, "退汇": Outcome.RETURNED}
WORDS = {outcome: word for word, outcome in _OUTCOMES.items()}
_TEXT_MAX = 64
FILE_BYTES_MAX = 8_000_000


def read_answers(raw: bytes) -> list[Answer] | Refusal:
    """Read the bank's answer file, in UTF-8 or GBK, whole or not at all. Refuses BAD_BANK_FILE.

    Columns are found by their names, in any order; lines before the line of names are a head.
    """
    text = _decoded(raw)
    if text is None:
        return Refusal.BAD_BANK_FILE
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text))]
    except csv.Error:
        return Refusal.BAD_BANK_FILE
    at = next((n for n, row in enumerate(rows) if set(COLUMNS) <= set(row)), None)
    if at is None:
        return Refusal.BAD_BANK_FILE
    names = rows[at]
    answers = []
    for row in rows[at + 1 :]:
        if not any(row):
            continue
        answer = _answer(dict(zip(names, row, strict=False)))
        if answer is None:
            return Refusal.BAD_BANK_FILE
        answers.append(answer)
    return answers or Refusal.BAD_BANK_FILE


def _decoded(raw: bytes) -> str | None:
    for codec in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return None


def _answer(cells: dict[str, str]) -> Answer | None:
    """One line, or None if it cannot be read. A payment has the bank's own number."""
    ref, amount, word, bank_ref, reason = (cells.get(name, "") for name in COLUMNS)
    outcome, amount_fen = _OUTCOMES.get(word), parse_yuan(amount)
    texts = (ref, bank_ref, reason)
    if outcome is None or isinstance(amount_fen, Refusal) or not ref:
        return None
    if any(len(one) > _TEXT_MAX or not one.isprintable() for one in texts):
        return None
    if outcome is Outcome.PAID and not bank_ref:
        return None
    return Answer(
        ref=ref,
        outcome=outcome,
        amount_fen=amount_fen,
        bank_ref=bank_ref,
        reason=reason or word,
    )
