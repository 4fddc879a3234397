"""People who sign in at the console: officials, and the platform's own.  工作人员"""

from dataclasses import dataclass, field
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.domain.roles import Role
from huiquan.domain.sign_ins import BARRED_FOR, WRONG_TRIES_MAX


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
    """Count a try before the password is looked at; None if the login is unknown or barred.

    So of many tries at one moment no more than the allowed number ever reach the password.
    """
    row = await tx.fetchrow(
        """
        update staff
           set tries = case when barred_until is null then tries + 1 else 1 end,
               barred_until = case when barred_until is null and tries + 1 >= $3
                                   then $4::timestamptz end
         where login = $1
           and (barred_until is null or barred_until <= $2)
        returning staff_id, name, role, city, password_hash
        """,
        login,
        at,
        WRONG_TRIES_MAX,
        at + BARRED_FOR,
    )
    return StaffSecret(**{**dict(row), "role": Role(row["role"])}) if row else None


async def end_sign_in(tx: Tx, staff_id: int) -> None:
    """The password was right: the tries are forgotten."""
    await tx.execute(
        "update staff set tries = 0, barred_until = null where staff_id = $1", staff_id
    )


async def id_of(tx: Tx, login: str) -> int | None:
    """Who signs in with this login, or None."""
    staff_id: int | None = await tx.fetchval("select staff_id from staff where login = $1", login)
    return staff_id


async def is_known(tx: Tx, login: str) -> bool:
    """Whether somebody has this login."""
    known: bool = await tx.fetchval("select exists (select from staff where login = $1)", login)
    return known
