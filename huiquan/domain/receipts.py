"""Receipts: what a consumer holds in the hand, and can check without trusting anyone.  回执

The entry receipt leaves before the round is sealed: with it and without an outcome, a consumer
proves that an entry was dropped. Everyone answered at once shares one signature over the tree of
their statements, and each holds the path of their own. The outcome receipt proves a win or a miss
from the sealed round.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from huiquan.domain.days import written
from huiquan.domain.draw_config import U8, Bound, Hex32
from huiquan.domain.lottery import Outcome
from huiquan.domain.merkle import leaf_hash, root_and_paths, root_of_path
from huiquan.domain.rounds import ENTRY_HEAD, decode_entry
from huiquan.domain.signing import Purpose, Signer, is_signed

OUTCOME_FORMAT = "huiquan/outcome-receipt/1"

Hex = Annotated[str, Meta(pattern=r"^([0-9a-f]{2})*(?!\n)$")]


class BadReceiptError(ValueError):
    """The JSON is not a receipt."""


class EntryReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """The platform's word that this entry was accepted, and how soon its round is public.

    entered_at is exact to the millisecond; promise_s is in seconds. The signature covers everyone
    who was answered at once: path leads from this statement, the index-th of size, to their root.
    A Struct and not a dataclass, for the rush makes millions of them.
    """

    entry: bytes
    cfg_hash: bytes
    entered_at: datetime
    promise_s: int
    index: int
    size: int
    path: tuple[bytes, ...]
    signature: bytes
    platform_key: bytes


@dataclass(frozen=True, kw_only=True)
class LogProof:
    """Where the round stands in the public log, and the cosigned checkpoint that says so."""

    index: Annotated[int, Meta(ge=0)]
    size: Annotated[int, Meta(ge=1)]
    path: tuple[Hex32, ...]
    checkpoint: str


@dataclass(frozen=True, kw_only=True)
class OutcomeReceipt:
    """Everything needed to compute one person's outcome again. Bytes in lower-case hex.

    path leads from the entry to the seal's root; table is the pack's table of that day; the
    final holds both proofs, the seed and the last rank kept.
    """

    format: Annotated[str, Meta(pattern=rf"^{OUTCOME_FORMAT}(?!\n)$")] = OUTCOME_FORMAT
    entry: Hex
    path: tuple[Hex32, ...]
    seal: Hex
    final: Hex
    table: tuple[tuple[Bound, U8], ...]
    outcome: Outcome
    log: LogProof | None = None


@lru_cache(64)  # Everyone answered at once has the same instant.
def milliseconds(at: datetime) -> int:
    """An instant as whole milliseconds since 1970, rounded down; exact, without fractions."""
    seconds = int(at.replace(microsecond=0).timestamp())
    return seconds * 1000 + at.microsecond // 1000


def entry_statement(cfg_hash: bytes, entry: bytes, entered_ms: int, promise_s: int) -> bytes:
    """What is said: config hash (32), entry (80), milliseconds (u64), promise in seconds (u32)."""
    return cfg_hash + entry + entered_ms.to_bytes(8, "big") + promise_s.to_bytes(4, "big")


def signed_root(size: int, root: bytes) -> bytes:
    """What is signed for everyone answered at once: how many (u32), their tree's root (32)."""
    return size.to_bytes(4, "big") + root


def entry_receipts(
    signer: Signer, entries: Sequence[tuple[bytes, bytes, datetime]], promise_s: int
) -> list[EntryReceipt]:
    """The receipts of entries that are answered at once, under one signature, in order.

    Each entry comes with the hash of its config and the moment it was accepted. A single entry is
    a tree of one: its receipt can be made again at any time, equal to the bit.
    """
    if not entries:
        return []
    root, paths = root_and_paths(
        [
            leaf_hash(entry_statement(cfg_hash, entry, milliseconds(entered_at), promise_s))
            for cfg_hash, entry, entered_at in entries
        ]
    )
    size = len(entries)
    signature = signer.sign(Purpose.ENTRY_RECEIPT, signed_root(size, root))
    return [
        EntryReceipt(
            entry=entry,
            cfg_hash=cfg_hash,
            entered_at=entered_at,
            promise_s=promise_s,
            index=index,
            size=size,
            path=path,
            signature=signature,
            platform_key=signer.key,
        )
        for index, ((cfg_hash, entry, entered_at), path) in enumerate(
            zip(entries, paths, strict=True)
        )
    ]


def is_entry_receipt(receipt: EntryReceipt, platform_key: bytes, client_nonce: bytes) -> bool:
    """True if the platform of this key signed it, and it carries the nonce of one's own page."""
    statement = entry_statement(
        receipt.cfg_hash, receipt.entry, milliseconds(receipt.entered_at), receipt.promise_s
    )
    root = root_of_path(leaf_hash(statement), receipt.index, receipt.size, receipt.path)
    return (
        root is not None
        and receipt.platform_key == platform_key
        and is_signed(
            platform_key,
            Purpose.ENTRY_RECEIPT,
            signed_root(receipt.size, root),
            receipt.signature,
        )
        and decode_entry(receipt.entry).client_nonce == client_nonce
    )


class EntryReceiptText(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The entry receipt as JSON: bytes in lower-case hex, time in Shanghai with three decimals."""

    day: int
    lane: int
    idx: int
    entry: str
    cfg_hash: str
    entered_at: str
    promise: int
    index: int
    size: int
    path: list[str]
    signature: str
    platform_key: str


def entry_receipt_text(receipt: EntryReceipt) -> EntryReceiptText:
    """The receipt as the rush door answers it."""
    _, lane, day, idx = ENTRY_HEAD.unpack_from(receipt.entry)
    return EntryReceiptText(
        day=day,
        lane=lane,
        idx=idx,
        entry=receipt.entry.hex(),
        cfg_hash=receipt.cfg_hash.hex(),
        entered_at=_written(receipt.entered_at),
        promise=receipt.promise_s,
        index=receipt.index,
        size=receipt.size,
        path=[step.hex() for step in receipt.path],
        signature=receipt.signature.hex(),
        platform_key=receipt.platform_key.hex(),
    )


@lru_cache(64)
def _written(at: datetime) -> str:
    return written(at)


def entry_receipt_json(receipt: EntryReceipt) -> dict[str, Any]:
    """The same as plain values, ready for JSON."""
    fields: dict[str, Any] = msgspec.structs.asdict(entry_receipt_text(receipt))
    return fields


def entry_receipt_from_json(fields: dict[str, Any]) -> EntryReceipt:
    """The receipt behind the door's answer. Refuses (BadReceiptError) anything else."""
    try:
        return EntryReceipt(
            entry=bytes.fromhex(fields["entry"]),
            cfg_hash=bytes.fromhex(fields["cfg_hash"]),
            entered_at=datetime.fromisoformat(fields["entered_at"]),
            promise_s=int(fields["promise"]),
            index=int(fields["index"]),
            size=int(fields["size"]),
            path=tuple(bytes.fromhex(step) for step in fields["path"]),
            signature=bytes.fromhex(fields["signature"]),
            platform_key=bytes.fromhex(fields["platform_key"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadReceiptError(f"not an entry receipt: {error}") from error


def outcome_receipt_json(receipt: OutcomeReceipt) -> dict[str, Any]:
    """The receipt as plain values, ready for JSON."""
    fields: dict[str, Any] = msgspec.to_builtins(receipt)
    tier, kept = receipt.outcome
    return fields | {"outcome": {"tier": tier, "kept": kept}}


def outcome_receipt_from_json(fields: dict[str, Any]) -> OutcomeReceipt:
    """The receipt behind plain values. Refuses (BadReceiptError) anything else."""
    try:
        outcome = [fields["outcome"]["tier"], fields["outcome"]["kept"]]
        return msgspec.convert(fields | {"outcome": outcome}, OutcomeReceipt)
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise BadReceiptError(f"not an outcome receipt: {error}") from error
