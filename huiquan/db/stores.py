"""Merchants, their stores, the packs each store takes, and its cashiers.  商户、门店、收银员"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.domain.rulebooks import Channel
from huiquan.domain.sign_ins import BARRED_FOR, WRONG_TRIES_MAX


@dataclass(frozen=True, kw_only=True)
class StoreRow:
    """One store; the point is in WGS-84."""

    store_id: int
    merchant_id: int
    code: str
    name: str
    city: str
    county: str
    address: str
    lat: float
    lng: float
    channel: Channel


@dataclass(frozen=True, kw_only=True)
class CashierSecret:
    """What a cashier's PIN is held against."""

    cashier_id: int
    store_id: int
    name: str
    pin_hash: str = field(repr=False)


async def merchant(tx: Tx, name: str, uscc: str, at: datetime) -> int:
    """The id of the merchant with this credit code; one that is not known yet is recorded."""
    await tx.execute(
        """
        insert into merchants (name, uscc, opened_at)
        values ($1, $2, $3)
        on conflict (uscc) do nothing
        """,
        name,
        uscc,
        at,
    )
    merchant_id: int = await tx.fetchval("select merchant_id from merchants where uscc = $1", uscc)
    return merchant_id


async def by_code(tx: Tx, code: str) -> StoreRow | None:
    """The store with this code of ours, or None."""
    return await _one(tx, "code = $1", code)


async def by_id(tx: Tx, store_id: int) -> StoreRow | None:
    """The store of this id, or None."""
    return await _one(tx, "store_id = $1", store_id)


async def _one(tx: Tx, which: str, value: str | int) -> StoreRow | None:
    row = await tx.fetchrow(
        f"""
        select store_id, merchant_id, code, name, city, county, address, lat, lng, channel
          from stores
         where {which}
        """,
        value,
    )
    if row is None:
        return None
    return StoreRow(**{**dict(row), "channel": Channel(row["channel"])})


async def record(tx: Tx, row: StoreRow, at: datetime) -> int | None:
    """Record an open store; gives its id, or None when its code is taken (the guard)."""
    store_id: int | None = await tx.fetchval(
        """
        insert into stores (merchant_id, code, name, city, county, address, lat, lng, datum,
                            state, opened_at, channel)
        values ($1, $2, $3, $4, $5, $6, $7, $8, 'wgs84', 'open', $9, $10)
        on conflict (code) do nothing
        returning store_id
        """,
        row.merchant_id,
        row.code,
        row.name,
        row.city,
        row.county,
        row.address,
        row.lat,
        row.lng,
        at,
        row.channel.value,
    )
    return store_id


async def open_packs(
    tx: Tx, store_id: int, campaign_id: int, packs: Sequence[int], at: datetime
) -> None:
    """Let a store take these packs from now on."""
    await tx.executemany(
        """
        insert into store_packs (store_id, campaign_id, pack, open_from)
        values ($1, $2, $3, $4)
        """,
        [(store_id, campaign_id, pack, at) for pack in packs],
    )


async def record_cashier(
    tx: Tx, store_id: int, login: str, name: str, pin_hash: str, at: datetime
) -> int | None:
    """Record a cashier; gives the id, or None when the login is taken (the guard).

    A store's first cashier is its manager, who sees the merchant's statements.
    """
    is_first: bool = await tx.fetchval(
        "select not exists (select from cashiers where store_id = $1)", store_id
    )
    cashier_id: int | None = await tx.fetchval(
        """
        insert into cashiers (store_id, login, name, pin_hash, opened_at, is_manager)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (login) do nothing
        returning cashier_id
        """,
        store_id,
        login,
        name,
        pin_hash,
        at,
        is_first,
    )
    return cashier_id


async def begin_sign_in(tx: Tx, login: str, at: datetime) -> CashierSecret | None:
    """Count a try before the PIN is looked at; None if the login is unknown or barred.

    So of many tries at one moment no more than the allowed number ever reach the PIN.
    """
    row = await tx.fetchrow(
        """
        update cashiers
           set tries = case when barred_until is null then tries + 1 else 1 end,
               barred_until = case when barred_until is null and tries + 1 >= $3
                                   then $4::timestamptz end
         where login = $1
           and (barred_until is null or barred_until <= $2)
        returning cashier_id, store_id, name, pin_hash
        """,
        login,
        at,
        WRONG_TRIES_MAX,
        at + BARRED_FOR,
    )
    return CashierSecret(**dict(row)) if row else None


async def end_sign_in(tx: Tx, cashier_id: int) -> None:
    """The PIN was right: the tries are forgotten."""
    await tx.execute(
        "update cashiers set tries = 0, barred_until = null where cashier_id = $1", cashier_id
    )
