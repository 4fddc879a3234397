"""Warehouses as they are kept: where they stand, by which proof, and since when approved.  仓库"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Row, Tx
from huiquan.domain.parcel_events import Warehouse

_COLUMNS = """
    w.warehouse_id, w.code, w.merchant_id, w.operator_id, w.name, w.address, w.lat, w.lng,
    w.told_datum, w.city, w.county, w.proof, w.proof_sha256, w.state, w.registered_by,
    w.registered_at, w.approved_at, w.closed_at
"""


@dataclass(frozen=True, kw_only=True)
class WarehouseRow:
    """One warehouse; the point is in WGS-84, told_datum is what it was handed in with."""

    warehouse_id: int
    code: str
    merchant_id: int
    operator_id: int
    name: str
    address: str
    lat: float
    lng: float
    told_datum: str
    city: str
    county: str
    proof: str
    proof_sha256: bytes
    state: str
    registered_by: str
    registered_at: datetime
    approved_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def as_evidence(self) -> Warehouse:
        """What an order's evidence needs of it."""
        return Warehouse(
            warehouse_id=self.warehouse_id,
            operator_id=self.operator_id,
            open_from=self.approved_at,
            open_until=self.closed_at,
        )


def _row_of(row: Row) -> WarehouseRow:
    return WarehouseRow(**{**dict(row), "proof_sha256": bytes(row["proof_sha256"])})


async def record(tx: Tx, new: WarehouseRow) -> int | None:
    """Record a proposed warehouse; gives its id, or None when its code is taken (the guard)."""
    warehouse_id: int | None = await tx.fetchval(
        """
        insert into warehouses (code, merchant_id, operator_id, name, address, lat, lng, told_datum,
                                city, county, proof, proof_sha256, state, registered_by,
                                registered_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'proposed', $13, $14)
        on conflict (code) do nothing
        returning warehouse_id
        """,
        new.code,
        new.merchant_id,
        new.operator_id,
        new.name,
        new.address,
        new.lat,
        new.lng,
        new.told_datum,
        new.city,
        new.county,
        new.proof,
        new.proof_sha256,
        new.registered_by,
        new.registered_at,
    )
    return warehouse_id


async def by_code(tx: Tx, code: str) -> WarehouseRow | None:
    """The warehouse of this code, or None."""
    row = await tx.fetchrow(f"select {_COLUMNS} from warehouses w where w.code = $1", code)
    return _row_of(row) if row else None


async def hold(tx: Tx, warehouse_id: int) -> WarehouseRow | None:
    """One warehouse, held until the commit, or None."""
    row = await tx.fetchrow(
        f"select {_COLUMNS} from warehouses w where w.warehouse_id = $1 for update", warehouse_id
    )
    return _row_of(row) if row else None


async def of_ids(tx: Tx, warehouse_ids: list[int]) -> dict[int, WarehouseRow]:
    """These warehouses by their ids."""
    rows = await tx.fetch(
        f"select {_COLUMNS} from warehouses w where w.warehouse_id = any($1::integer[])",
        warehouse_ids,
    )
    return {row["warehouse_id"]: _row_of(row) for row in rows}


async def everyone(tx: Tx) -> list[WarehouseRow]:
    """Every warehouse, those that wait for approval first."""
    rows = await tx.fetch(
        f"select {_COLUMNS} from warehouses w order by w.state <> 'proposed', w.code"
    )
    return [_row_of(row) for row in rows]


async def open_it(tx: Tx, warehouse_id: int, at: datetime) -> None:
    """proposed -> open, once."""
    opened = await tx.fetchval(
        """
        update warehouses
           set state = 'open',
               approved_at = $2
         where warehouse_id = $1
           and state = 'proposed'
        returning 1
        """,
        warehouse_id,
        at,
    )
    assert opened == 1, "the warehouse moved although it was held"


async def close(tx: Tx, warehouse_id: int, reason: str, at: datetime) -> bool:
    """Close a warehouse for good; False when it was closed before (the guard)."""
    closed: int | None = await tx.fetchval(
        """
        update warehouses
           set state = 'closed',
               closed_at = $2,
               close_reason = $3
         where warehouse_id = $1
           and state <> 'closed'
        returning 1
        """,
        warehouse_id,
        at,
        reason,
    )
    return closed == 1
