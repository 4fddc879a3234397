"""The heads of the books as each published day has them, for whoever checks a register.  链头

They are read from the folders that platform, notary and auditor signed, not from the tables: what
the tables say now is what is to be checked.
"""

import hashlib
from dataclasses import dataclass

from huiquan.app import App
from huiquan.domain.book_heads import FILE, BookHead, parse_heads
from huiquan.domain.refusals import Refusal
from huiquan.views.day_files import MANIFEST, day_file, published_days


@dataclass(frozen=True, kw_only=True)
class DayHeads:
    """One published day: SHA-256 of its manifest, and its heads.

    heads is None for a day that was published before days carried heads.
    """

    day: int
    manifest_sha256: str
    heads: tuple[BookHead, ...] | None


def published_heads(app: App, code: str) -> list[DayHeads]:
    """Every published day of a campaign, the newest first (R2.4, R5.8)."""
    return [_of_day(app, code, one.day) for one in reversed(published_days(app, code))]


def _of_day(app: App, code: str, day: int) -> DayHeads:
    manifest = day_file(app, code, day, MANIFEST)
    assert not isinstance(manifest, Refusal), "a published day has a manifest"
    books = day_file(app, code, day, FILE)
    return DayHeads(
        day=day,
        manifest_sha256=hashlib.sha256(manifest.read_bytes()).hexdigest(),
        heads=None if isinstance(books, Refusal) else parse_heads(books.read_bytes()).heads,
    )
