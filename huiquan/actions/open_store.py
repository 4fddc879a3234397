"""Open a store for a campaign, with its packs and a cashier.  开通门店"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from huiquan.app import App
from huiquan.db import audit, stores
from huiquan.db.connection import Tx
from huiquan.db.stores import StoreRow
from huiquan.domain.campaigns import Campaign
from huiquan.domain.coordinates import Datum, gcj02_to_wgs84
from huiquan.domain.merchants import is_doubtful_uscc, normalise_uscc
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import county_at
from huiquan.domain.rulebooks import pack_numbered
from huiquan.gateways.passwords import hash_secret


@dataclass(frozen=True, kw_only=True)
class NewStore:
    """A store as its merchant hands it in; `code` is the store's own, one for each store."""

    merchant_name: str
    uscc: str
    code: str
    name: str
    address: str
    lat: float
    lng: float
    datum: Datum
    packs: Sequence[int]
    login: str
    cashier_name: str
    pin: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class OpenedStore:
    """A store that takes part. is_uscc_doubtful is for a person to look at, not a refusal."""

    store_id: int
    merchant_id: int
    city: str
    county: str
    is_new: bool
    is_uscc_doubtful: bool


async def open_store(app: App, campaign: Campaign, new: NewStore, by: str) -> OpenedStore | Refusal:
    """Record merchant, store, packs and cashier; city and county follow from the point (R3.3).

    A store whose code is known already stays as it is. The point is kept in WGS-84. Refuses
    UNKNOWN_PACK, MIXED_CHANNELS (a store sells online or on the spot, not both), OUTSIDE_AREA,
    LOGIN_TAKEN. (R2.2)
    """
    now = app.clock()
    rulebook = campaign.rulebook_at(now)
    packs = [pack_numbered(rulebook, number) for number in new.packs]
    channels = {pack.channel for pack in packs if pack is not None}
    if not packs or None in packs:
        return Refusal.UNKNOWN_PACK
    if len(channels) > 1:
        return Refusal.MIXED_CHANNELS
    lat, lng = new.lat, new.lng
    if new.datum is Datum.GCJ02:
        lat, lng = gcj02_to_wgs84(lat, lng)
    county = county_at(app.regions, lat, lng)
    if county is None:
        return Refusal.OUTSIDE_AREA
    pin_hash = await hash_secret(new.pin)
    try:
        async with app.db.transaction() as tx:
            uscc = normalise_uscc(new.uscc)
            row = StoreRow(
                store_id=0,
                merchant_id=await stores.merchant(tx, new.merchant_name, uscc, now),
                code=new.code,
                name=new.name,
                city=county.city,
                county=county.code,
                address=new.address,
                lat=lat,
                lng=lng,
                channel=channels.pop(),
            )
            return await _open(app, tx, campaign, new, row, pin_hash, by)
    except _LoginTakenError:
        return Refusal.LOGIN_TAKEN


class _LoginTakenError(Exception):
    """The cashier's login belongs to somebody else, so the store may not stand either."""


async def _open(
    app: App, tx: Tx, campaign: Campaign, new: NewStore, row: StoreRow, pin_hash: str, by: str
) -> OpenedStore:
    now = app.clock()
    store_id = await stores.record(tx, row, now)
    if store_id is None:
        known = await stores.by_code(tx, new.code)
        assert known is not None, "a code that is taken belongs to a store"
        return _opened(known, new, known.store_id, is_new=False)
    packs = sorted(set(new.packs))
    await stores.open_packs(tx, store_id, campaign.campaign_id, packs, now)
    cashier_id = await stores.record_cashier(
        tx, store_id, new.login, new.cashier_name, pin_hash, now
    )
    if cashier_id is None:
        raise _LoginTakenError
    subject = f"store:{store_id}"
    detail = {"campaign_id": campaign.campaign_id, "packs": packs}
    await audit.note(tx, at=now, actor=by, tag="store:opened", subject=subject, detail=detail)
    return _opened(row, new, store_id, is_new=True)


def _opened(row: StoreRow, new: NewStore, store_id: int, *, is_new: bool) -> OpenedStore:
    return OpenedStore(
        store_id=store_id,
        merchant_id=row.merchant_id,
        city=row.city,
        county=row.county,
        is_new=is_new,
        is_uscc_doubtful=is_doubtful_uscc(new.uscc),
    )
