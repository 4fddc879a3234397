"""What was done, by whom, when: one line each, written with the deed itself.  审计"""

from datetime import datetime
from typing import Any

from huiquan.db.connection import Tx
from huiquan.db.together import Write, together


async def note(
    tx: Tx,
    *,
    at: datetime,
    actor: str,
    tag: str,
    subject: str,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append one line. `tag` is noun:participle (voucher:redeemed), `subject` the thing's id."""
    await together(tx, line(at=at, actor=actor, tag=tag, subject=subject, detail=detail))


def line(
    *,
    at: datetime,
    actor: str,
    tag: str,
    subject: str,
    detail: dict[str, Any] | None = None,
) -> Write:
    """One line as a write beside those of the deed."""
    return Write(
        sql="""
        insert into audit (at, actor, tag, subject, detail)
        values ($1, $2, $3, $4, $5)
        returning 1
        """,
        args=(at, actor, tag, subject, detail or {}),
    )
