"""Receipts: what a consumer holds in the hand, and can check without trusting anyone.  回执

The entry receipt leaves before the round is sealed: with it and without an outcome, a consumer
proves that an entry was dropped. The outcome receipt proves a win or a miss from the sealed round.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from huiquan.domain.days import SHANGHAI
from huiquan.domain.draw_config import U8, Bound, Hex32
from huiquan.domain.lottery import Outcome
from huiquan.domain.rounds import decode_entry
from huiquan.domain.signing import Purpose, Signer, is_signed

OUTCOME_FORMAT = "huiquan/outcome-receipt/1"

Hex = Annotated[str, Meta(pattern="^([0-9a-f]{2})*$")]


class BadReceiptError(ValueError):
    """The JSON is not a receipt."""


@dataclass(frozen=True, kw_only=True)
class EntryReceipt:
    """The platform's word that this entry was accepted, and how soon its round is public.

    entered_at is exact to the millisecond; promise_s is in seconds.
    """

    entry: bytes
    cfg_hash: bytes
    entered_at: datetime
    promise_s: int
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

    format: Annotated[str, Meta(pattern=f"^{OUTCOME_FORMAT}$")] = OUTCOME_FORMAT
    entry: Hex
    path: tuple[Hex32, ...]
    seal: Hex
    final: Hex
    table: tuple[tuple[Bound, U8], ...]
    outcome: Outcome
    log: LogProof | None = None


def milliseconds(at: datetime) -> int:
    """An instant as whole milliseconds since 1970, rounded down; exact, without fractions."""
    seconds = int(at.replace(microsecond=0).timestamp())
    return seconds * 1000 + at.microsecond // 1000


def entry_receipt_message(cfg_hash: bytes, entry: bytes, entered_ms: int, promise_s: int) -> bytes:
    """The signed bytes: config hash (32), entry (80), milliseconds (u64), promise (u32)."""
    return cfg_hash + entry + entered_ms.to_bytes(8, "big") + promise_s.to_bytes(4, "big")


def sign_entry(
    signer: Signer, cfg_hash: bytes, entry: bytes, entered_at: datetime, promise_s: int
) -> bytes:
    """The platform's signature for one accepted entry; asked again, it is the same."""
    message = entry_receipt_message(cfg_hash, entry, milliseconds(entered_at), promise_s)
    return signer.sign(Purpose.ENTRY_RECEIPT, message)


def entry_receipt(
    signer: Signer, cfg_hash: bytes, entry: bytes, entered_at: datetime, promise_s: int
) -> EntryReceipt:
    """The whole receipt of one accepted entry."""
    return EntryReceipt(
        entry=entry,
        cfg_hash=cfg_hash,
        entered_at=entered_at,
        promise_s=promise_s,
        signature=sign_entry(signer, cfg_hash, entry, entered_at, promise_s),
        platform_key=signer.key,
    )


def is_entry_receipt(receipt: EntryReceipt, platform_key: bytes, client_nonce: bytes) -> bool:
    """True if the platform of this key signed it, and it carries the nonce of one's own page."""
    message = entry_receipt_message(
        receipt.cfg_hash, receipt.entry, milliseconds(receipt.entered_at), receipt.promise_s
    )
    return (
        receipt.platform_key == platform_key
        and is_signed(platform_key, Purpose.ENTRY_RECEIPT, message, receipt.signature)
        and decode_entry(receipt.entry).client_nonce == client_nonce
    )


def entry_receipt_json(receipt: EntryReceipt) -> dict[str, Any]:
    """The receipt as the rush door answers it; time in Shanghai with three decimals."""
    entry = decode_entry(receipt.entry)
    at = receipt.entered_at.astimezone(SHANGHAI)
    return {
        "day": entry.day,
        "lane": entry.lane,
        "idx": entry.idx,
        "entry": receipt.entry.hex(),
        "cfg_hash": receipt.cfg_hash.hex(),
        "entered_at": at.isoformat(timespec="milliseconds"),
        "promise": receipt.promise_s,
        "signature": receipt.signature.hex(),
        "platform_key": receipt.platform_key.hex(),
    }


def entry_receipt_from_json(fields: dict[str, Any]) -> EntryReceipt:
    """The receipt behind the door's answer. Refuses (BadReceiptError) anything else."""
    try:
        return EntryReceipt(
            entry=bytes.fromhex(fields["entry"]),
            cfg_hash=bytes.fromhex(fields["cfg_hash"]),
            entered_at=datetime.fromisoformat(fields["entered_at"]),
            promise_s=int(fields["promise"]),
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
