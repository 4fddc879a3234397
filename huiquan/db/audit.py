"""What was done, by whom, when: one line each, written with the deed itself.  审计"""

from datetime import datetime
from typing import Any

from huiquan.db.connection import Tx


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
    await tx.execute(
        "insert into audit (at, actor, tag, subject, detail) values ($1, $2, $3, $4, $5)",
        at,
        actor,
        tag,
        subject,
        detail or {},
    )
