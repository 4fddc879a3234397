"""Acquirers as they are kept: who they are, their keys, stores and nonces.  收单机构"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Row, Tx
from huiquan.domain.acquirers import Acquirer, StoreTerminal
from huiquan.domain.parcel_events import Sender
from huiquan.domain.request_signing import Algorithm, PartnerKey

_COLUMNS = """
    a.acquirer_id, a.code, a.name_zh, a.name_en, a.rail, a.is_sandbox, a.callback_url, a.state,
    a.kind
"""


@dataclass(frozen=True, kw_only=True)
class Known:
    """A key that was named in a request, and whose it is."""

    acquirer: Acquirer
    key: PartnerKey


def _acquirer_of(row: Row) -> Acquirer:
    return Acquirer(
        **{
            **{name: row[name] for name in Acquirer.__dataclass_fields__ if name != "is_open"},
            "kind": Sender(row["kind"]),
        },
        is_open=row["state"] == "open",
    )


def _key_of(row: Row) -> PartnerKey:
    return PartnerKey(
        **{
            **{name: row[name] for name in PartnerKey.__dataclass_fields__},
            "algorithm": Algorithm(row["algorithm"]),
            "public_key": bytes(row["public_key"]),
        }
    )


async def record(tx: Tx, new: Acquirer, at: datetime) -> int | None:
    """Record an acquirer; gives its id, or None when its code is taken (the guard)."""
    acquirer_id: int | None = await tx.fetchval(
        """
        insert into acquirers (code, name_zh, name_en, rail, is_sandbox, callback_url, state,
                               added_at, kind)
        values ($1, $2, $3, $4, $5, $6, 'open', $7, $8)
        on conflict (code) do nothing
        returning acquirer_id
        """,
        new.code,
        new.name_zh,
        new.name_en,
        new.rail,
        new.is_sandbox,
        new.callback_url,
        at,
        new.kind.value,
    )
    return acquirer_id


async def by_code(tx: Tx, code: str) -> Acquirer | None:
    """The acquirer with this code, or None."""
    row = await tx.fetchrow(f"select {_COLUMNS} from acquirers a where a.code = $1", code)
    return _acquirer_of(row) if row else None


async def partner(
    tx: Tx, code: str | None, kind: Sender, *, is_sandbox: bool = False
) -> Acquirer | None:
    """The carrier or warehouse with this code, or None: one of the sandbox is nobody in earnest,
    and nobody else is anybody in the sandbox."""
    found = await by_code(tx, code or "")
    is_meant = found and (found.kind, found.is_sandbox) == (kind, is_sandbox)
    return found if is_meant else None


async def everyone(tx: Tx) -> list[Acquirer]:
    """Every acquirer, in the order in which they were added."""
    rows = await tx.fetch(f"select {_COLUMNS} from acquirers a order by a.acquirer_id")
    return [_acquirer_of(row) for row in rows]


async def set_open(tx: Tx, acquirer_id: int, *, is_open: bool) -> None:
    """Suspend an acquirer, or let it in again."""
    await tx.execute(
        "update acquirers set state = $2 where acquirer_id = $1",
        acquirer_id,
        "open" if is_open else "suspended",
    )


async def known_by(tx: Tx, key_id: str) -> Known | None:
    """The key of this name, with its acquirer, or None."""
    row = await tx.fetchrow(
        f"""
        select {_COLUMNS}, k.key_id, k.algorithm, k.public_key, k.valid_from, k.valid_until,
               k.revoked_at
          from acquirer_keys k
          join acquirers a using (acquirer_id)
         where k.key_id = $1
        """,
        key_id,
    )
    return Known(acquirer=_acquirer_of(row), key=_key_of(row)) if row else None


async def keys_of(tx: Tx, acquirer_id: int) -> list[PartnerKey]:
    """Every key of an acquirer, the oldest first."""
    rows = await tx.fetch(
        "select * from acquirer_keys where acquirer_id = $1 order by valid_from, key_id",
        acquirer_id,
    )
    return [_key_of(row) for row in rows]


async def record_key(tx: Tx, key: PartnerKey) -> bool:
    """Register a key; False when its name or the key itself is known already (the guard)."""
    kept: int | None = await tx.fetchval(
        """
        insert into acquirer_keys (key_id, acquirer_id, algorithm, public_key, valid_from,
                                   valid_until)
        values ($1, $2, $3, $4, $5, $6)
        on conflict do nothing
        returning 1
        """,
        key.key_id,
        key.acquirer_id,
        key.algorithm.value,
        key.public_key,
        key.valid_from,
        key.valid_until,
    )
    return kept == 1


async def end_other_keys(tx: Tx, key: PartnerKey, until: datetime) -> list[str]:
    """Let the acquirer's other keys be good no longer than this; gives the names of those cut."""
    rows = await tx.fetch(
        """
        update acquirer_keys
           set valid_until = greatest($3, valid_from)
         where acquirer_id = $1
           and key_id <> $2
           and revoked_at is null
           and (valid_until is null or valid_until > $3)
        returning key_id
        """,
        key.acquirer_id,
        key.key_id,
        until,
    )
    return sorted(row["key_id"] for row in rows)


async def revoke_key(tx: Tx, key_id: str, at: datetime) -> bool:
    """End a key at once, once; False when there is none of this name that still stands."""
    done: int | None = await tx.fetchval(
        """
        update acquirer_keys
           set revoked_at = $2
         where key_id = $1
           and revoked_at is null
        returning 1
        """,
        key_id,
        at,
    )
    return done == 1


async def claim_nonce(tx: Tx, key_id: str, nonce: str, keep_until: datetime, now: datetime) -> bool:
    """Take a nonce under a key whose signature was found right.

    False when it came before (the guard), also by way of another web process; or when the key is
    no longer good, or its acquirer is not open: then no nonce is taken.

    The commit need not wait for the disk: whatever the request goes on to do is written after
    this, so a crash that forgets the nonce has forgotten the deed as well.
    """
    taken: int | None = await tx.fetchval(
        """
        with hurry as materialized (
            select set_config('synchronous_commit', 'off', true)
        )
        insert into acquirer_nonces (acquirer_id, nonce, keep_until)
        select k.acquirer_id, $2, $3
          from hurry
         cross join acquirer_keys k
          join acquirers a using (acquirer_id)
         where k.key_id = $1
           and (k.valid_until is null or k.valid_until > $4)
           and (k.revoked_at is null or k.revoked_at > $4)
           and a.state = 'open'
        on conflict (acquirer_id, nonce) do nothing
        returning 1
        """,
        key_id,
        nonce,
        keep_until,
        now,
    )
    return taken == 1


async def forget_nonces(tx: Tx, before: datetime, most: int) -> int:
    """Delete nonces that nobody could send again; gives how many."""
    done: str = await tx.execute(
        """
        delete from acquirer_nonces
         where (acquirer_id, nonce) in (
               select acquirer_id, nonce
                 from acquirer_nonces
                where keep_until < $1
                limit $2)
        """,
        before,
        most,
    )
    return int(done.split()[-1])


async def open_rails(
    tx: Tx, acquirer: Acquirer, terminals: Sequence[StoreTerminal], at: datetime
) -> int:
    """Let stores take this acquirer's rail at these terminals; gives how many are new."""
    rows = await tx.fetch(
        """
        insert into store_rails (store_id, acquirer_id, rail, terminal, open_from)
        select store_id, $1, $2, terminal, $5
          from unnest($3::bigint[], $4::text[]) as told (store_id, terminal)
        on conflict (store_id, acquirer_id, terminal) where open_until is null do nothing
        returning 1
        """,
        acquirer.acquirer_id,
        acquirer.rail,
        [one.store_id for one in terminals],
        [one.terminal for one in terminals],
        at,
    )
    return len(rows)


async def close_rails(
    tx: Tx, acquirer: Acquirer, terminals: Sequence[StoreTerminal], at: datetime
) -> int:
    """End this acquirer's rail at these terminals; gives how many were open."""
    rows = await tx.fetch(
        """
        update store_rails s
           set open_until = greatest($4, s.open_from)
          from unnest($2::bigint[], $3::text[]) as told (store_id, terminal)
         where s.acquirer_id = $1
           and s.store_id = told.store_id
           and s.terminal = told.terminal
           and s.open_until is null
        returning 1
        """,
        acquirer.acquirer_id,
        [one.store_id for one in terminals],
        [one.terminal for one in terminals],
        at,
    )
    return len(rows)


async def store_ids(tx: Tx, codes: Sequence[str]) -> dict[str, int]:
    """The id of each store that exists, by its code."""
    rows = await tx.fetch(
        "select code, store_id from stores where code = any($1::text[])", list(codes)
    )
    return {row["code"]: row["store_id"] for row in rows}
