"""Said before anyone pays: this store takes X, not Y here, and the next one that does is there.

支付通道提示。 The till gets it with its refusal; customer and cashier can ask for it.
"""

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from huiquan.domain.refusals import Refusal
from huiquan.views.rails import rails_of
from huiquan.web.answers import RefusedError, accepted
from huiquan.web.callers import Campaigns, House
from huiquan.web.consumer.stores import StoreNear, near_slip
from huiquan.web.wire import AskedCampaign, Wire


class ShownRails(Wire):
    """The rails of a store, with a sentence for the screen; nearest takes the rail asked about."""

    store_id: str
    takes: list[str]
    asked: str | None
    is_taken: bool
    zh: str
    en: str
    nearest: StoreNear | None


@get(
    "/api/v1/stores/{store_id:int}/rails",
    operation_id="getStoreRails",
    summary="Ways of paying that a store takes",
    tags=["consumer"],
)
async def get_store_rails(
    store_id: int,
    house: House,
    campaigns: Campaigns,
    campaign: AskedCampaign = None,
    rail: Annotated[str | None, Parameter(pattern=r"^[a-z][a-z0-9-]{0,15}(?!\n)$")] = None,
    pack: Annotated[int | None, Parameter(ge=1, le=255)] = None,
) -> ShownRails:
    """What this store takes, and where the next one is that takes the rail asked about.

    With a pack the next store takes that pack, too; without one, a pack that this store takes.
    """
    where = accepted(campaigns.asked(campaign))
    if not 0 < store_id < 2**63:
        raise RefusedError(Refusal.UNKNOWN_STORE)
    found = await rails_of(house, where, store_id, rail, pack)
    if found is None:
        raise RefusedError(Refusal.UNKNOWN_STORE)
    zh, en = found.sentence
    return ShownRails(
        store_id=str(store_id),
        takes=list(found.takes),
        asked=found.asked,
        is_taken=found.is_taken,
        zh=zh,
        en=en,
        nearest=near_slip(found.nearest) if found.nearest else None,
    )


ROUTES = (get_store_rails,)
