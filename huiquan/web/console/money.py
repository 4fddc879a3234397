"""Who may handle payments at the console: the department's people and the platform's.  资金权限"""

from huiquan.app import App
from huiquan.domain.approvals import MONEY_ROLES
from huiquan.domain.refusals import Refusal
from huiquan.views.campaigns import code_of
from huiquan.views.people import Official
from huiquan.web.answers import RefusedError, accepted


def payer(official: Official) -> Official:
    """The official, or FORBIDDEN: a city's officials see their city's figures only."""
    if official.role not in MONEY_ROLES:
        raise RefusedError(Refusal.FORBIDDEN)
    return official


def actor(official: Official) -> str:
    """The official, as audit lines name them."""
    return f"staff:{official.staff_id}"


async def booking(house: App, official: Official, campaign: int) -> tuple[str, str]:
    """What a booking in the fund needs: the campaign's code, and who books it, as they may."""
    who = payer(official)
    return accepted(await code_of(house, campaign)), f"staff {who.staff_id}"
