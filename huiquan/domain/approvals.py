"""Approvals: what takes two different people, and who they may be.  双人复核

    drafted --first person--> one approval --another person--> approved

The one who drafted may be one of the two, never both; whoever asks for a merchant's account is
one. One of them is of the supervising department, so the platform never pays by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from huiquan.domain.refusals import Refusal
from huiquan.domain.roles import Role

APPROVERS_NEEDED = 2


class Approved(StrEnum):
    """What two people approve."""

    PAYMENT_FILE = "payment_file"  # 付款文件
    CLOSING = "close_campaign"  # 活动关闭
    WAREHOUSE = "warehouse"  # 仓库登记
    ACCOUNT = "account"  # 商户收款账户


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One person's word."""

    staff_id: int
    role: Role


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Who has approved a thing so far, and what whoever asks now is at the console for."""

    earlier: Sequence[Approval]
    staff_id: int
    role: Role | None


@dataclass(frozen=True, kw_only=True)
class Given:
    """A word was added; is_complete once it was the last that was needed."""

    approval: Approval
    is_complete: bool


def decide_approval(standing: Standing) -> Given | Refusal:
    """Add a person's approval to the earlier ones of the same thing (I34).

    Refuses FORBIDDEN (an official of a city, or nobody), ALREADY_APPROVED_BY_YOU (the same person
    again) and SUPERVISOR_NEEDED (it would be complete without anybody of the supervising
    department).
    """
    if standing.role is None or standing.role not in MONEY_ROLES:
        return Refusal.FORBIDDEN
    if any(one.staff_id == standing.staff_id for one in standing.earlier):
        return Refusal.ALREADY_APPROVED_BY_YOU
    approval = Approval(staff_id=standing.staff_id, role=standing.role)
    together = [*standing.earlier, approval]
    is_complete = len(together) >= APPROVERS_NEEDED
    if is_complete and all(one.role is not Role.SUPERVISOR for one in together):
        return Refusal.SUPERVISOR_NEEDED
    return Given(approval=approval, is_complete=is_complete)


MONEY_ROLES = frozenset({Role.SUPERVISOR, Role.OPERATOR})
"""Who may handle payments at all: a city's officials look at their city's figures only."""
