"""Cases of online orders: evidence that contradicts itself or does not come in its time.  订单存疑

open --assigned--> open (has an owner)
open --refuse: the money stays held, the platform takes the goods back--> closed
open --pay: other proof was seen--> proposed --another person, the same--> closed, hold lifted
open --the evidence becomes complete, or all comes back--> closed by the house itself
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from huiquan.domain.cases import REASON_MAX, CaseState
from huiquan.domain.order_evidence import Late, Stage
from huiquan.domain.refusals import Refusal
from huiquan.domain.spoken import Spoken


class OrderTrouble(StrEnum):
    """What an order's case is about."""

    DOUBTFUL = "doubtful"  # 凭证矛盾
    NOT_SHIPPED = "not_shipped"  # 超时未发货
    NOT_SIGNED = "not_signed"  # 超时未签收


class OrderDecision(Spoken):
    """What people decide about an order's money."""

    PAY = "pay", "认定送达，恢复清算", "it arrived: settle it"
    REFUSE = "refuse", "不予清算", "not settled"


@dataclass(frozen=True, kw_only=True)
class OrderCase:
    """One case as it stands."""

    case_id: int
    campaign_id: int
    acquirer_id: int
    order_ref: str
    why: OrderTrouble
    state: CaseState
    opened_at: datetime
    owner: str | None = None
    decision: OrderDecision | None = None
    reason: str | None = None
    proposed_by: str | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """One person's decision, and whether it closes the case."""

    decision: OrderDecision
    reason: str
    by: str
    is_final: bool


def why_of(stage: Stage, late: Late | None) -> OrderTrouble | None:
    """What an order needs people for; None when it needs none."""
    if stage is Stage.DOUBTFUL:
        return OrderTrouble.DOUBTFUL
    return OrderTrouble(late.value) if late else None


def decide_order_case(
    case: OrderCase, decision: OrderDecision, reason: str, by: str
) -> Ruling | Refusal:
    """Say whether a person's decision closes a case.

    To pay what the evidence does not carry takes two people; to refuse it one, for then the money
    stays where it is, and a refusal takes the place of what was proposed. Refuses CASE_CLOSED,
    MALFORMED (no reason given) and SAME_PERSON.
    """
    if case.state is CaseState.CLOSED:
        return Refusal.CASE_CLOSED
    said = reason.strip()
    if not 0 < len(said) <= REASON_MAX or "\0" in said:
        return Refusal.MALFORMED
    is_second = case.state is CaseState.PROPOSED and decision is OrderDecision.PAY
    if is_second and case.proposed_by == by:
        return Refusal.SAME_PERSON
    is_final = is_second or decision is OrderDecision.REFUSE
    return Ruling(decision=decision, reason=said, by=by, is_final=is_final)
