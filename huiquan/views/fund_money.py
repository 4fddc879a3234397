"""What came into the fund and what goes back: tranches, pledges, alerts, closing.  专户"""

from dataclasses import dataclass
from typing import TypeAlias

from huiquan.app import App
from huiquan.db import approvals, campaigns, closings, fund_alerts, matching, pledges, tranches
from huiquan.db.closings import ClosingRow, DebtRow, ShareRow
from huiquan.db.fund_alerts import AlertRow
from huiquan.db.matching import UsedRow
from huiquan.db.pledges import PledgeRow
from huiquan.db.tranches import TrancheRow
from huiquan.domain.approvals import Approved
from huiquan.domain.days import day_of
from huiquan.domain.fund import Obstacle, closing_name, obstacles
from huiquan.domain.ledger import Account
from huiquan.domain.offers import Funder
from huiquan.domain.refusals import Refusal

ALERTS_SHOWN = 50
CLOSING = Approved.CLOSING

TrancheLine: TypeAlias = TrancheRow
AlertLine: TypeAlias = AlertRow


@dataclass(frozen=True, kw_only=True)
class Matching:
    """One side's matching money: pledged, used on orders, given back with goods; in fen.

    merchant_id None is the platform. What was used without a pledge counts all the same.
    """

    funder: Funder
    merchant_id: int | None
    merchant: str | None
    pledged_fen: int
    used_fen: int
    given_back_fen: int
    order_fen: int
    redemption_count: int

    @property
    def measured_fen(self) -> int:
        """What the side has really added: used, less what went back with goods."""
        return self.used_fen - self.given_back_fen

    @property
    def left_fen(self) -> int:
        """What of the pledge is not used; nothing when more was used than pledged."""
        return max(0, self.pledged_fen - self.measured_fen)


@dataclass(frozen=True, kw_only=True)
class Closing:
    """How far the closing of a campaign is; obstacles are empty when it can be closed.

    closing is None until one is opened; approvers are the names of those who approved it.
    """

    remainder_fen: int
    obstacles: tuple[Obstacle, ...]
    closing: ClosingRow | None
    shares: tuple[ShareRow, ...]
    approvers: tuple[str, ...]
    debts: tuple[DebtRow, ...]


async def tranches_of(app: App, code: str) -> list[TrancheRow] | Refusal:
    """Every tranche, planned and received (R2.4). Refuses UNKNOWN_CAMPAIGN."""
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        return await tranches.everything(tx, campaign.campaign_id)


async def alerts_of(app: App, code: str) -> list[AlertRow] | Refusal:
    """The newest alerts, those that still stand first (R2.4). Refuses UNKNOWN_CAMPAIGN."""
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        return await fund_alerts.newest(tx, campaign.campaign_id, ALERTS_SHOWN)


async def matching_of(app: App, code: str) -> list[Matching] | Refusal:
    """Matching money by side: the platform first (R5.7). Refuses UNKNOWN_CAMPAIGN."""
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        promised = await pledges.everything(tx, campaign.campaign_id)
        used = await matching.used(tx, campaign.campaign_id)
    return match(promised, used)


def match(promised: list[PledgeRow], used: list[UsedRow]) -> list[Matching]:
    """Pledges and uses side by side, the platform first, then merchants by number."""
    names = {(one.funder, one.merchant_id): one.merchant for one in promised}
    names |= {(one.funder, one.merchant_id): one.merchant for one in used}
    counted = {(one.funder, one.merchant_id): one for one in used}
    found = []
    for side in sorted(names, key=lambda side: (side[0] is Funder.MERCHANT, side[1] or 0)):
        row = counted.get(side)
        pledged = (one.pledged_fen for one in promised if (one.funder, one.merchant_id) == side)
        found.append(
            Matching(
                funder=side[0],
                merchant_id=side[1],
                merchant=names[side],
                pledged_fen=sum(pledged),
                used_fen=row.used_fen if row else 0,
                given_back_fen=row.given_back_fen if row else 0,
                order_fen=row.order_fen if row else 0,
                redemption_count=row.redemption_count if row else 0,
            )
        )
    return found


async def closing_of(app: App, code: str) -> Closing | Refusal:
    """What stands in the way of closing, who approved, what went back. Refuses UNKNOWN_CAMPAIGN."""
    today = day_of(app.clock())
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id = campaign.campaign_id
        standing = await closings.standing(tx, campaign_id)
        closing = await closings.newest(tx, campaign_id)
        number = closing.closing_no if closing else 0
        return Closing(
            remainder_fen=standing.totals[Account.POOL],
            obstacles=obstacles(standing, today),
            closing=closing,
            shares=tuple(await closings.shares(tx, campaign_id, number)),
            approvers=tuple(await approvals.names(tx, closing_name(campaign_id, number), CLOSING)),
            debts=tuple(await closings.debts(tx, campaign_id)),
        )
