"""The ledger's chain: links over its transfers, so that history cannot be edited quietly.  台账链

    link 0: transfers 0..811     link 1: transfers 812..1630     link 2: ...
            fingerprint a  ----------->  fingerprint b  ------------>  fingerprint c

Each book is numbered without a gap. At each round-off a link closes over what came since the last
one. Its fingerprint covers the link before it, so whoever keeps one fingerprint can tell whether
any earlier transfer was changed, dropped, added or put elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import rfc8785

from huiquan.domain.hashes import ZERO_HASH, tagged_hash
from huiquan.domain.ledger import AccountRef, Transfer


@dataclass(frozen=True, kw_only=True)
class BookedTransfer:
    """A transfer as it stands in a book: whose book, which number, which day, when."""

    campaign_id: int
    lane: int
    no: int
    transfer: Transfer
    day: int
    booked_at: datetime


@dataclass(frozen=True, kw_only=True)
class Link:
    """A closed stretch of one book: `first_no <= no < next_no`. Hashes have 32 bytes."""

    link_no: int
    first_no: int
    next_no: int
    prev_hash: bytes
    link_hash: bytes


def transfer_bytes(booked: BookedTransfer) -> bytes:
    """The one way to write a booked transfer as bytes: canonical JSON (RFC 8785).

    Money is fen; times are UTC to the microsecond.
    """
    transfer = booked.transfer
    return rfc8785.dumps(
        {
            "campaign_id": booked.campaign_id,
            "lane": booked.lane,
            "no": booked.no,
            "kind": transfer.kind.value,
            "debit": _account(transfer.debit),
            "credit": _account(transfer.credit),
            "amount_fen": transfer.amount_fen,
            "ref": transfer.ref,
            "idx": transfer.idx,
            "day": booked.day,
            "booked_at": booked.booked_at.astimezone(UTC).isoformat(timespec="microseconds"),
        }
    )


def _account(ref: AccountRef) -> list[str | int]:
    return [ref.account.value, ref.lane, ref.holder]


def link_hash(prev_hash: bytes, rows: Sequence[BookedTransfer]) -> bytes:
    """The fingerprint of a link: H("link", prev_hash, and each row with its length as 4 bytes)."""
    parts = [prev_hash]
    for row in rows:
        written = transfer_bytes(row)
        parts += (len(written).to_bytes(4, "big"), written)
    return tagged_hash("link", *parts)


def close_link(prev: Link | None, rows: Sequence[BookedTransfer]) -> Link:
    """Close the next link of a book over these rows, in order; prev is None for the first link.

    The rows begin where the last link ended and have no gap; there is at least one.
    """
    first_no = prev.next_no if prev else 0
    prev_hash = prev.link_hash if prev else ZERO_HASH
    assert rows
    assert _tile(rows, first_no), "a link covers its stretch of one book without a gap"
    return Link(
        link_no=prev.link_no + 1 if prev else 0,
        first_no=first_no,
        next_no=first_no + len(rows),
        prev_hash=prev_hash,
        link_hash=link_hash(prev_hash, rows),
    )


def flaw_in_link(prev: Link | None, link: Link, rows: Sequence[BookedTransfer]) -> str | None:
    """What is wrong with a link that was kept, given the rows that were kept; None if nothing.

    A link is whole if closing it again over the same rows gives the same link.
    """
    if not rows or not _tile(rows, prev.next_no if prev else 0):
        return f"link {link.link_no}: its transfers have a gap or belong to another book"
    if link != close_link(prev, rows):
        return f"link {link.link_no}: a transfer or the link itself was changed"
    return None


def _tile(rows: Sequence[BookedTransfer], first_no: int) -> bool:
    """True if the rows are of one book and numbered from first_no without a gap."""
    books = {(row.campaign_id, row.lane) for row in rows}
    return len(books) == 1 and all(row.no == no for no, row in enumerate(rows, start=first_no))
