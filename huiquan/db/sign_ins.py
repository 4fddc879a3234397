"""Tries to sign in, counted where the secret is kept: at the console and at the till.  登录次数"""

from datetime import datetime
from enum import StrEnum

from huiquan.db.connection import Row, Tx
from huiquan.domain.sign_ins import BARRED_FOR, WRONG_TRIES_MAX


class Kept(StrEnum):
    """Where people with a sign-in stand: the table, whose rows have login, tries, barred_until."""

    STAFF = "staff"
    CASHIERS = "cashiers"


async def begin(tx: Tx, kept: Kept, login: str, at: datetime) -> Row | None:
    """Count a try before the secret is looked at; the row, or None for unknown or barred.

    So of many tries at one moment no more than the allowed number ever reach the secret.
    """
    return await tx.fetchrow(
        f"""
        update {kept.value}
           set tries = case when barred_until is null then tries + 1 else 1 end,
               barred_until = case when barred_until is null and tries + 1 >= $3
                                   then $4::timestamptz end
         where login = $1
           and (barred_until is null or barred_until <= $2)
        returning *
        """,
        login,
        at,
        WRONG_TRIES_MAX,
        at + BARRED_FOR,
    )


async def end(tx: Tx, kept: Kept, login: str) -> None:
    """The secret was right: the tries are forgotten."""
    await tx.execute(
        f"update {kept.value} set tries = 0, barred_until = null where login = $1", login
    )
