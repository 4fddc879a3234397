"""What a signer tells everyone about itself: how far it is, and what it refused.  状态公示"""

from typing import Any

from huiquan.domain.draw_config import canonical
from huiquan.domain.signing import Purpose
from notary.book_evidence import NEWEST
from notary.desk import Desk
from notary.program import program_mark
from notary.renewal import declared_in_book

SHOWN = 100
SHOWN_PROOFS = 5


def status_of(desk: Desk) -> dict[str, Any]:
    """The signed status: the last round of every lane, refusals with evidence, checkpoints."""
    stop = desk.book.stop_in_force()
    status: dict[str, Any] = {
        "role": desk.role,
        "key": desk.key.public.hex(),
        "program": program_mark(),
        "at": desk.clock().isoformat(timespec="milliseconds"),
        "notice_s": int(desk.notice.total_seconds()),
        "ready": desk.ready,
        "stopped": None if stop is None else {"since_ms": stop.at_ms, "reason": stop.reason},
        "configs": [one.cfg_hash.hex() for one in desk.register.all()],
        "lanes": [
            {
                "series": row.series,
                "epoch": row.epoch,
                "lane": row.lane,
                "seq": row.seq,
                "seal_hash": row.seal_hash.hex(),
                "signed_ms": row.signed_ms,
            }
            for row in desk.book.last_rounds()
        ],
        "declarations": [
            {"series": series, "hash": declared_in_book(raw).hash.hex()}
            for series, raw, _ in desk.book.declarations()
        ],
        "refusal_count": desk.book.refusal_count(),
        "refusals": refusals_of(desk),
        "fork_count": desk.book.fork_count(),
        "forks": [*forks_of(desk, proven=True), *forks_of(desk, proven=False)][:SHOWN],
        "checkpoints": [
            {"origin": origin, "size": size, "root": root.hex(), "note": note}
            for origin, size, root, note in desk.book.checkpoints()
        ],
    }
    signature = desk.key.signer.sign(Purpose.STATUS, canonical(status))
    return status | {"signature": signature.hex()}


def refusals_of(desk: Desk, before: int = NEWEST) -> list[dict[str, Any]]:
    """Refusals below a number, the newest first, each with the refused seal as evidence."""
    return [
        {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
        for row in desk.book.refusals(SHOWN, before)
    ]


def forks_of(desk: Desk, before: int = NEWEST, proven: bool | None = None) -> list[dict[str, Any]]:
    """Checkpoints below a number that were not shown to continue the log, the newest first."""
    return [
        {"id": one.id, "origin": one.origin, "note": one.note, "at_ms": one.at_ms}
        for one in desk.book.forks(SHOWN, before, proven)
    ]


def key_of(desk: Desk) -> dict[str, Any]:
    """The public key, and for the newest configs the proof that its secret is held here.

    A stopped signer proves nothing, not even that.
    """
    newest = desk.register.all()[-SHOWN_PROOFS:] if desk.book.stop_in_force() is None else []
    return {
        "role": desk.role,
        "key": desk.key.public.hex(),
        "proofs": {one.cfg_hash.hex(): desk.key.prove(one.cfg_hash).hex() for one in newest},
    }
