"""A code that is scanned for an order: quoted or locked, or refused with what helps there and then.

扫码。 A way of paying that the store does not take is refused with the next store that does, an
order that is too small with what it lacks.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from huiquan.domain.offers import Order
from huiquan.domain.redemptions import Lock
from huiquan.domain.refusals import Refusal
from huiquan.domain.tills import Terminal
from huiquan.views.rails import StoreRails, rails_of
from huiquan.views.till import Quoted
from huiquan.web.acquirer.desk import Desk
from huiquan.web.answers import RefusedError
from huiquan.web.callers import Campaigns, House
from huiquan.web.shortfalls import accepted_order

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Scan:
    """A code, the order it is to pay for, where that is, and the desk that carries it out."""

    house: House
    campaigns: Campaigns
    desk: Desk
    at: Terminal
    code: str
    order: Order

    async def quoted(self) -> Quoted:
        """What the voucher behind the code would do to the order."""
        return await self._accepted(await self.desk.quote(self.at, self.code, self.order))

    async def locked(self) -> Lock:
        """The voucher set aside for the order."""
        return await self._accepted(await self.desk.lock(self.at, self.code, self.order))

    async def _accepted(self, outcome: T | Refusal) -> T:
        if outcome is Refusal.RAIL_NOT_HERE:
            raise RefusedError(outcome, _rails(await self._rails_here()))
        lacks = partial(self.desk.shortfall, self.at, self.code, self.order)
        return await accepted_order(outcome, lacks)

    async def _rails_here(self) -> StoreRails | None:
        """What the store takes, and the next one that takes the rail and this very voucher."""
        kind = await self.desk.voucher_kind(self.at, self.code)
        campaign = self.campaigns.asked(kind.campaign_id if kind else None)
        if isinstance(campaign, Refusal):
            return None
        pack = kind.pack if kind else None
        return await rails_of(self.house, campaign, self.at.store_id, self.at.rail, pack)


def _rails(found: StoreRails | None) -> dict[str, Any] | None:
    if found is None:
        return None
    nearest = found.nearest
    return {
        "takes": list(found.takes),
        "asked": found.asked,
        "nearest": nearest
        and {
            "store_id": nearest.store_id,
            "name": nearest.name,
            "address": nearest.address,
            "distance_m": nearest.distance_m,
        },
    }
