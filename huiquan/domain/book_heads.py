"""The heads of the books, published with each day of the draw: `books.json`.  台账链头

The file stands in the day's folder, so its fingerprint stands in the manifest that platform, notary
and auditor sign. From then on the ledger's history before it cannot be edited quietly: whoever has
one such day can hold any later register against it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from huiquan.domain.draw_config import Hex32, canonical

FILE = "books.json"
FORMAT = "huiquan/books/1"

Count = Annotated[int, Meta(ge=0)]
Lane = Annotated[int, Meta(ge=-1)]


class BadHeadsError(ValueError):
    """The file is not `books.json`."""


@dataclass(frozen=True, kw_only=True)
class BookHead:
    """One book at the end of a day: `link_hash` covers every transfer numbered below `next_no`."""

    lane: Lane
    next_no: Count
    link_hash: Hex32


@dataclass(frozen=True, kw_only=True)
class BookHeads:
    """Every book that has a link closed before the day ended; the house's own is lane -1."""

    format: Annotated[str, Meta(pattern=rf"^{FORMAT}(?!\n)$")] = FORMAT
    campaign: str
    heads: tuple[BookHead, ...]


def build_heads(campaign: str, heads: Iterable[BookHead]) -> bytes:
    """books.json: canonical JSON, the house's book first."""
    ordered = tuple(sorted(heads, key=lambda head: head.lane))
    return canonical(BookHeads(campaign=campaign, heads=ordered))


def parse_heads(raw: bytes) -> BookHeads:
    """The heads behind books.json. Refuses (BadHeadsError) any other form or order."""
    try:
        found = msgspec.json.decode(raw, type=BookHeads)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadHeadsError(str(error)) from error
    if build_heads(found.campaign, found.heads) != raw:
        raise BadHeadsError("books.json is not in its form or order")
    return found
