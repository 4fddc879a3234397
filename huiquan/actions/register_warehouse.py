"""Register a warehouse in Hubei with its place and proof; two people approve it.  登记仓库"""

from dataclasses import dataclass, replace

from huiquan.app import App
from huiquan.db import acquirers, audit, stores, warehouses
from huiquan.db.warehouses import WarehouseRow
from huiquan.domain.addresses import parse_address
from huiquan.domain.coordinates import Datum, gcj02_to_wgs84
from huiquan.domain.parcel_events import Sender
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import County, county_at


@dataclass(frozen=True, kw_only=True)
class NewWarehouse:
    """A warehouse as its merchant hands it in.

    store is any store of the merchant's; operator the code of whoever signs for what leaves. proof
    names the paper (a lease, a certificate), proof_sha256 is the hash of its scan.
    """

    code: str
    store: str
    operator: str
    name: str
    address: str
    lat: float
    lng: float
    datum: Datum
    proof: str
    proof_sha256: bytes


async def register_warehouse(app: App, new: NewWarehouse, by: str) -> WarehouseRow | Refusal:
    """Record a warehouse that waits for approval (R3.7, R5.4).

    The point is kept in WGS-84. Refuses MALFORMED (no proof), UNKNOWN_STORE, UNKNOWN_ACQUIRER (the
    operator is no warehouse's), OUTSIDE_AREA, what `parse_address` refuses,
    WAREHOUSE_PLACE_DIFFERS (address and point lie in different counties: one is wrong, or the
    datum), WAREHOUSE_KNOWN.
    """
    if not new.proof.strip() or len(new.proof_sha256) != 32:
        return Refusal.MALFORMED
    where = _where(app, new)
    if isinstance(where, Refusal):
        return where
    now = app.clock()
    async with app.db.transaction() as tx:
        store = await stores.by_code(tx, new.store)
        operator = await acquirers.partner(tx, new.operator, Sender.WAREHOUSE)
        if store is None:
            return Refusal.UNKNOWN_STORE
        if operator is None:
            return Refusal.UNKNOWN_ACQUIRER
        row = WarehouseRow(
            warehouse_id=0,
            code=new.code,
            merchant_id=store.merchant_id,
            operator_id=operator.acquirer_id,
            name=new.name,
            address=new.address,
            lat=where.lat,
            lng=where.lng,
            told_datum=new.datum.value,
            city=where.county.city,
            county=where.county.code,
            proof=new.proof,
            proof_sha256=new.proof_sha256,
            state="proposed",
            registered_by=by,
            registered_at=now,
        )
        warehouse_id = await warehouses.record(tx, row)
        if warehouse_id is None:
            return Refusal.WAREHOUSE_KNOWN
        subject = f"warehouse:{warehouse_id}"
        detail = {"code": new.code, "county": row.county, "proof": new.proof}
        await audit.note(
            tx, at=now, actor=by, tag="warehouse:registered", subject=subject, detail=detail
        )
        return replace(row, warehouse_id=warehouse_id)


@dataclass(frozen=True, kw_only=True)
class _Where:
    """A point in WGS-84 and its county."""

    lat: float
    lng: float
    county: County


def _where(app: App, new: NewWarehouse) -> _Where | Refusal:
    """The place, if point and address agree about it."""
    lat, lng = new.lat, new.lng
    if new.datum is Datum.GCJ02:
        lat, lng = gcj02_to_wgs84(lat, lng)
    county = county_at(app.regions, lat, lng)
    if county is None:
        return Refusal.OUTSIDE_AREA
    place = parse_address(new.address, app.regions.counties)
    if isinstance(place, Refusal):
        return place
    if place.county != county.code:
        return Refusal.WAREHOUSE_PLACE_DIFFERS
    return _Where(lat=lat, lng=lng, county=county)
