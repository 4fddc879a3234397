"""Who may handle payments at the console: the department's people and the platform's.  资金权限"""

from huiquan.domain.approvals import MONEY_ROLES
from huiquan.domain.refusals import Refusal
from huiquan.views.people import Official
from huiquan.web.answers import RefusedError


def payer(official: Official) -> Official:
    """The official, or FORBIDDEN: a city's officials see their city's figures only."""
    if official.role not in MONEY_ROLES:
        raise RefusedError(Refusal.FORBIDDEN)
    return official


def actor(official: Official) -> str:
    """The official, as audit lines name them."""
    return f"staff:{official.staff_id}"
