"""What a signer tells everyone about itself: how far it is, and what it refused.  状态公示"""

from typing import Any

from huiquan.domain.draw_config import canonical
from huiquan.domain.signing import Purpose
from notary.desk import Desk
from notary.program import program_mark
from notary.renewal import declared_in_book

SHOWN_REFUSALS = 100
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
        "refusals": desk.book.refusals(SHOWN_REFUSALS),
        "forks": desk.book.forks(SHOWN_REFUSALS),
        "checkpoints": [
            {"origin": origin, "size": size, "root": root.hex(), "note": note}
            for origin, size, root, note in desk.book.checkpoints()
        ],
    }
    signature = desk.key.signer.sign(Purpose.STATUS, canonical(status))
    return status | {"signature": signature.hex()}


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
