"""Where a voucher can be spent: the stores that take part, the nearest first.  附近门店"""

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from huiquan.domain.refusals import Refusal
from huiquan.views.stores import StoreLine, StoreSearch, find_stores
from huiquan.web.answers import RefusedError, accepted
from huiquan.web.callers import Campaigns, House
from huiquan.web.wire import AskedCampaign, Wire


class StoreNear(Wire):
    """A store (门店), and how far away it is."""

    store_id: str
    name: str
    city_zh: str
    city_en: str
    county_zh: str
    county_en: str
    address: str
    packs: list[int]
    rails: list[str]
    distance_m: int | None


class StorePage(Wire):
    """One page of stores, and how many there are in all."""

    items: list[StoreNear]
    total: int


@get(
    "/api/v1/stores",
    operation_id="listStores",
    summary="Stores by city and pack",
    tags=["consumer"],
)
async def list_stores(
    house: House,
    campaigns: Campaigns,
    campaign: AskedCampaign = None,
    city: Annotated[str | None, Parameter(pattern=r"^[0-9]{6}(?!\n)$")] = None,
    pack: Annotated[int | None, Parameter(ge=1, le=255)] = None,
    lat: Annotated[float | None, Parameter(ge=-90, le=90)] = None,
    lng: Annotated[float | None, Parameter(ge=-180, le=180)] = None,
    rail: Annotated[str | None, Parameter(pattern=r"^[a-z][a-z0-9-]{0,15}(?!\n)$")] = None,
    most: Annotated[int, Parameter(ge=1, le=200)] = 50,
    skip: Annotated[int, Parameter(ge=0, le=1_000_000)] = 0,
) -> StorePage:
    """Stores that take part now; lat and lng (WGS-84) belong together."""
    asked = accepted(campaigns.asked(campaign))
    if (lat is None) != (lng is None):
        raise RefusedError(Refusal.MALFORMED, {"reason": "lat and lng belong together"})
    found = await find_stores(
        house,
        StoreSearch(
            campaign_id=asked.campaign_id,
            city=city,
            packs=(pack,) if pack else None,
            near=None if lat is None or lng is None else (lat, lng),
            rail=rail,
            most=most,
            skip=skip,
        ),
    )
    return StorePage(items=[near_slip(line) for line in found.items], total=found.total)


def near_slip(line: StoreLine) -> StoreNear:
    """A store as people are shown it."""
    return StoreNear(
        store_id=line.store_id,
        name=line.name,
        city_zh=line.city_zh,
        city_en=line.city_en,
        county_zh=line.county_zh,
        county_en=line.county_en,
        address=line.address,
        packs=line.packs,
        rails=line.rails,
        distance_m=line.distance_m,
    )


ROUTES = (list_stores,)
