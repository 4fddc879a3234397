"""Answers already given, so that anything can be asked twice.  幂等请求

A caller names each request with its own key. The first answer is kept in the same transaction as
what it did; the same key with the same body gets that answer again, with another body a refusal.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huiquan.db.connection import Tx
from huiquan.domain.refusals import Refusal


@dataclass(frozen=True, kw_only=True)
class RequestKey:
    """Who asks (`scope`, for example one store), under which key, with which body."""

    scope: str
    key: str
    body: bytes

    @property
    def body_hash(self) -> bytes:
        """What is compared when the key comes again."""
        return hashlib.sha256(self.body).digest()


async def earlier_answer(tx: Tx, request: RequestKey) -> dict[str, Any] | Refusal | None:
    """Give the stored answer to this key, None when it is new, or REQUEST_KEY_REUSED.

    Holds the key until the transaction ends, so that of two equal requests at one moment the second
    waits and then finds the answer of the first.
    """
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))",
        f"{request.scope}\n{request.key}",
    )
    row = await tx.fetchrow(
        """
        select body_hash, answer
          from requests
         where scope = $1
           and request_key = $2
        """,
        request.scope,
        request.key,
    )
    if row is None:
        return None
    if bytes(row["body_hash"]) != request.body_hash:
        return Refusal.REQUEST_KEY_REUSED
    answer: dict[str, Any] = row["answer"]
    return answer


async def record_answer(tx: Tx, request: RequestKey, answer: dict[str, Any], at: datetime) -> None:
    """Keep the answer for the next time; the primary key is the guard against a second one."""
    await tx.execute(
        """
        insert into requests (scope, request_key, body_hash, answer, answered_at)
        values ($1, $2, $3, $4, $5)
        """,
        request.scope,
        request.key,
        request.body_hash,
        answer,
        at,
    )
