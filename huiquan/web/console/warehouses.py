"""Warehouses at the console: looked at with their proof, approved by two people, closed.  仓库"""

from datetime import datetime
from typing import Annotated

from litestar.params import Parameter
from msgspec import Meta

from huiquan.actions.approve_warehouse import approve_warehouse
from huiquan.actions.close_warehouse import REASON_MAX, close_warehouse
from huiquan.views import orders as views
from huiquan.web.answers import accepted
from huiquan.web.callers import House, Staff
from huiquan.web.console.doors import deed, page
from huiquan.web.console.money import actor, payer
from huiquan.web.wire import Wire, shanghai

PATH = "/api/v1/console/warehouses"
Numbered = Annotated[int, Parameter(ge=1, le=2**31 - 1)]


class ShownWarehouse(Wire):
    """One warehouse; the point is in WGS-84, told_datum is what it was handed in with."""

    warehouse_id: int
    code: str
    name: str
    address: str
    county: str
    lat: float
    lng: float
    told_datum: str
    proof: str
    proof_sha256: str
    state: str
    registered_by: str
    registered_at: datetime
    approved_at: datetime | None
    closed_at: datetime | None


class WarehousePage(Wire):
    """Warehouses, those that wait for approval first."""

    items: list[ShownWarehouse]


class WarehouseApproved(Wire):
    """is_open: it was the last word that was needed."""

    is_open: bool


class WarehouseClosing(Wire):
    """Why nothing may ship from there any more."""

    reason: Annotated[str, Meta(min_length=1, max_length=REASON_MAX)]


class WarehouseClosed(Wire):
    """False when it was closed before."""

    was_open: bool


@page(PATH, operation_id="listWarehouses", summary="Warehouses")
async def list_warehouses(house: House, official: Staff) -> WarehousePage:
    """Every warehouse that was ever registered, with place and proof."""
    payer(official)
    return WarehousePage(
        items=[
            ShownWarehouse(
                warehouse_id=row.warehouse_id,
                code=row.code,
                name=row.name,
                address=row.address,
                county=row.county,
                lat=row.lat,
                lng=row.lng,
                told_datum=row.told_datum,
                proof=row.proof,
                proof_sha256=row.proof_sha256.hex(),
                state=row.state,
                registered_by=row.registered_by,
                registered_at=shanghai(row.registered_at),
                approved_at=shanghai(row.approved_at) if row.approved_at else None,
                closed_at=shanghai(row.closed_at) if row.closed_at else None,
            )
            for row in await views.every_warehouse(house)
        ]
    )


@deed(
    PATH + "/{warehouse:int}/approve",
    operation_id="approveWarehouse",
    summary="Approve a warehouse",
    status_code=200,
)
async def approve(warehouse: Numbered, house: House, official: Staff) -> WarehouseApproved:
    """One of two different people; one of the two is of the department."""
    payer(official)
    given = accepted(await approve_warehouse(house, warehouse, official.staff_id))
    return WarehouseApproved(is_open=given.is_complete)


@deed(
    PATH + "/{warehouse:int}/close",
    operation_id="closeWarehouse",
    summary="Close a warehouse",
    status_code=200,
)
async def close(
    warehouse: Numbered, data: WarehouseClosing, house: House, official: Staff
) -> WarehouseClosed:
    """What leaves it from now on is no evidence; what left it before stays as it was."""
    payer(official)
    done = await close_warehouse(house, warehouse, data.reason, actor(official))
    return WarehouseClosed(was_open=accepted(done))


ROUTES = (list_warehouses, approve, close)
