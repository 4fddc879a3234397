"""Answers already given, so that anything can be asked twice.  幂等请求

A caller names each request with its own key. The first answer is kept in the same transaction as
what it did; the same key with the same body gets that answer again, with another body a refusal.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from huiquan.db.connection import Row, Tx
from huiquan.db.together import Write, together
from huiquan.domain.refusals import Refusal

T = TypeVar("T")


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

    @property
    def turn(self) -> int:
        """The number by which equal requests wait for one another: 64 bits, with a sign."""
        name = f"{self.scope}\n{self.key}".encode()
        return int.from_bytes(hashlib.sha256(name).digest()[:8], "big", signed=True)


async def earlier_answer(tx: Tx, request: RequestKey) -> dict[str, Any] | Refusal | None:
    """Give the stored answer to this key, None when it is new, or REQUEST_KEY_REUSED.

    Holds the key until the transaction ends, so that of two equal requests at one moment the second
    waits and then finds the answer of the first.
    """
    await tx.execute("select pg_advisory_xact_lock($1)", request.turn)
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
    return answer_in(row, request) if row else None


def answer_in(row: Row, request: RequestKey) -> dict[str, Any] | Refusal | None:
    """The answer that a row with body_hash and answer holds; both are null when it is new."""
    if row["body_hash"] is None:
        return None
    if bytes(row["body_hash"]) != request.body_hash:
        return Refusal.REQUEST_KEY_REUSED
    answer: dict[str, Any] = row["answer"]
    return answer


def as_given(answer: dict[str, Any] | Refusal, kind: type[T]) -> T | Refusal:
    """An earlier answer as what it was when it was given."""
    return answer if isinstance(answer, Refusal) else msgspec.convert(answer, kind)


def number_given(answer: dict[str, Any] | Refusal, name: str) -> int | Refusal:
    """An earlier answer that was a number, kept under this name."""
    return answer if isinstance(answer, Refusal) else int(answer[name])


async def record_answer(tx: Tx, request: RequestKey, answer: dict[str, Any], at: datetime) -> None:
    """Keep the answer for the next time; the primary key is the guard against a second one."""
    await together(tx, answered(request, answer, at))


def answered(request: RequestKey, answer: dict[str, Any], at: datetime) -> Write:
    """The same as a write beside those of the deed."""
    return Write(
        sql="""
        insert into requests (scope, request_key, body_hash, answer, answered_at)
        values ($1, $2, $3, $4, $5)
        returning 1
        """,
        args=(request.scope, request.key, request.body_hash, answer, at),
    )
