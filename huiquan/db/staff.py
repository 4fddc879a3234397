"""People who sign in at the console: officials, and the platform's own.  工作人员"""

from dataclasses import dataclass, field
from datetime import datetime

from huiquan.db import sign_ins
from huiquan.db.connection import Tx
from huiquan.db.sign_ins import Kept
from huiquan.domain.roles import Role


@dataclass(frozen=True, kw_only=True)
class StaffSecret:
    """Somebody, and what the password is held against."""

    staff_id: int
    name: str
    role: Role
    city: str | None
    password_hash: str = field(repr=False)


async def record(
    tx: Tx,
    *,
    login: str,
    name: str,
    role: Role,
    city: str | None,
    password_hash: str,
    at: datetime,
) -> int | None:
    """Record somebody; gives the id, or None when the login is taken (the guard)."""
    staff_id: int | None = await tx.fetchval(
        """
        insert into staff (login, name, role, city, password_hash, opened_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (login) do nothing
        returning staff_id
        """,
        login,
        name,
        role.value,
        city,
        password_hash,
        at,
    )
    return staff_id


async def begin_sign_in(tx: Tx, login: str, at: datetime) -> StaffSecret | None:
    """Count a try before the password is looked at; None if the login is unknown or barred."""
    row = await sign_ins.begin(tx, Kept.STAFF, login, at)
    if row is None:
        return None
    fields = {name: row[name] for name in StaffSecret.__dataclass_fields__}
    return StaffSecret(**{**fields, "role": Role(row["role"])})


async def id_of(tx: Tx, login: str) -> int | None:
    """Who signs in with this login, or None."""
    staff_id: int | None = await tx.fetchval("select staff_id from staff where login = $1", login)
    return staff_id


async def is_known(tx: Tx, login: str) -> bool:
    """Whether somebody has this login."""
    known: bool = await tx.fetchval("select exists (select from staff where login = $1)", login)
    return known
