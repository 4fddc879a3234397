"""What the person at the signer's machine sees: what was signed, refused, stopped.  值守一览

Everything is read from the book and from this process; nothing here is secret, and nothing signs.
"""

import json
import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from huiquan.domain import checkpoints
from huiquan.domain.checkpoints import BadNoteError, Checkpoint
from huiquan.domain.draw_config import in_force
from huiquan.domain.fingerprints import fingerprint_of
from notary.book_evidence import NEWEST, ForkLine, is_proven
from notary.configs import Accepted
from notary.desk import Desk
from notary.program import program_mark
from notary.refusals import No
from notary.renewal import declared_in_book

SHOWN = 50
STOPS_SHOWN = 20
_REASONS = {no.value: no for no in No}
EVIDENCE_FORMAT = "huiquan/evidence/1"


@dataclass
class Watch:
    """What this process remembers of its own start: how the machine's clock has moved since."""

    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: float = field(default_factory=time.monotonic)

    def jump_ms(self) -> int:
        """By how much the machine's clock was moved since the start, in milliseconds."""
        passed = time.monotonic() - self.started
        shown = (datetime.now(UTC) - self.started_at).total_seconds()
        return round((shown - passed) * 1000)


def overview_of(desk: Desk, watch: Watch, home: Path) -> dict[str, Any]:
    """All that the page shows, as JSON."""
    stop = desk.book.stop_in_force()
    now, key = desk.clock(), desk.key.public
    return {
        "role": desk.role,
        "key": key.hex(),
        "fingerprint": fingerprint_of(key),
        "program": program_mark(),
        "ready": desk.ready,
        "notice_s": int(desk.notice.total_seconds()),
        "clock": {
            "now": now.isoformat(timespec="milliseconds"),
            "offset_ms": round((now - datetime.now(UTC)).total_seconds() * 1000),
            "jump_ms": watch.jump_ms(),
        },
        "stopped": None if stop is None else vars(stop),
        "stops": [vars(line) for line in desk.book.stops(STOPS_SHOWN)],
        "lanes": _lanes(desk),
        "evidence": {name: evidence_list(desk, name) for name in LISTS},
        "checkpoints": [
            {"origin": origin, "size": size, "root": root.hex()}
            for origin, size, root, _ in desk.book.checkpoints()
        ],
        "configs": _configs(desk, now),
        "declarations": [_declaration(raw, ms) for _, raw, ms in desk.book.declarations()],
        "storage": _storage(desk, home),
    }


LISTS = ("twice", "two_logs", "refused", "loose")
"""What the book holds as evidence: second seals of signed rounds, second histories of the log, all
refused seals, and checkpoints that were not shown to continue the log and prove nothing alone."""


def evidence_list(desk: Desk, name: str, before: int = NEWEST) -> dict[str, Any]:
    """One of the lists below a number, the newest first: so many rows, and how many there are.

    However many the platform makes, a look at the page stays as small as this.
    """
    book = desk.book
    if name in ("twice", "refused"):
        code = No.CONFLICT if name == "twice" else None
        rows = [_refusal(row) for row in book.refusals(SHOWN + 1, before, code)]
        count = book.refusal_count(code)
    else:
        proven = name == "two_logs"
        rows = [_fork(line) for line in book.forks(SHOWN + 1, before, proven)]
        count = book.fork_count(proven)
    return {"count": count, "rows": rows[:SHOWN], "has_older": len(rows) > SHOWN}


def evidence_of(desk: Desk, refusal_id: int) -> bytes | None:
    """One refusal as a file that stands by itself, or None if there is no such refusal.

    For a second seal of a signed round it holds both seals, each with the platform's signature:
    whoever has the platform's public key sees that it sealed twice.
    """
    row = desk.book.refusal_row(refusal_id)
    if row is None:
        return None
    told = _refusal(row)
    told |= {
        "format": EVIDENCE_FORMAT,
        "signer": {"role": desk.role, "key": desk.key.public.hex()},
        "refused": {"seal": row["seal"].hex(), "signature": row["signature"].hex()},
        "signed": None,
    }
    signed_hash = told["detail"].get("signed_seal_hash")
    signed = desk.book.round_sealed(bytes.fromhex(signed_hash)) if signed_hash else None
    if signed is not None:
        signature = None if signed.signature is None else signed.signature.hex()
        told["signed"] = {"seal": signed.seal.hex(), "signature": signature}
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def fork_evidence_of(desk: Desk, number: int) -> bytes | None:
    """One refused checkpoint as a file, beside what had been cosigned; None if there is none.

    Both are signed by the platform. Of one size they contradict each other by themselves; else
    whoever has the log compares its root at the refused one's size.
    """
    line = desk.book.fork_row(number)
    if line is None:
        return None
    told = _fork(line) | {
        "format": EVIDENCE_FORMAT,
        "signer": {"role": desk.role, "key": desk.key.public.hex()},
        "refused": {"note": line.note},
        "cosigned": None if line.seen is None else {"note": line.seen},
    }
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def _fork(line: ForkLine) -> dict[str, Any]:
    """A refused checkpoint; it is proven where two roots stand at one size.

    One that an older program kept and this one cannot read has neither size nor root here.
    """
    refused = _checkpoint_in(line.note)
    return {
        "id": line.id,
        "at_ms": line.at_ms,
        "origin": line.origin,
        "size": None if refused is None else refused.size,
        "root": None if refused is None else refused.root.hex(),
        "proven": is_proven(line.note, line.seen),
    }


def _checkpoint_in(note: str) -> Checkpoint | None:
    """The checkpoint in a note of the book, or None where it was read less strictly than today."""
    try:
        return checkpoints.parse_checkpoint(checkpoints.parse_note(note).text)
    except BadNoteError:
        return None


def _refusal(row: dict[str, Any]) -> dict[str, Any]:
    """A refusal with its sentences, without the bytes of the seal."""
    no = _REASONS[row["code"]]
    return {
        "id": row["id"],
        "at_ms": row["at_ms"],
        "code": no.value,
        "zh": no.zh,
        "en": no.en,
        "seal_hash": row["seal_hash"].hex(),
        "detail": json.loads(row["detail"]),
    }


def _declaration(raw: bytes, signed_ms: int) -> dict[str, Any]:
    """A change of keys as the page shows it."""
    said = declared_in_book(raw).declaration
    return {
        "series": said.series,
        "epoch": said.epoch,
        "role": said.role,
        "old": fingerprint_of(bytes.fromhex(said.old_key)),
        "new": fingerprint_of(bytes.fromhex(said.new_key)),
        "reason": said.reason,
        "signed_ms": signed_ms,
    }


def _lanes(desk: Desk) -> list[dict[str, Any]]:
    """How far each lane is. Rounds count from 0 without a gap, so the last number says how many.

    They go on through a change of keys: what counts is the lane's newest epoch.
    """
    places = {
        (one.series, one.config.epoch): one.config.lanes
        for one in desk.register.all()
        if desk.role != "witness"
    }
    newest = {
        (series, lane): {
            "series": series,
            "epoch": epoch,
            "lane": lane,
            "rounds": seq + 1,
            "signed_ms": signed_ms,
        }
        for (series, epoch), lanes in sorted(places.items())
        for lane in range(lanes)
        for seq, signed_ms in desk.book.last_signed(series, epoch, lane)
    }
    return list(newest.values())


def _configs(desk: Desk, now: datetime) -> list[dict[str, Any]]:
    """Accepted configs, newest first, and whether each acts now."""
    accepted = desk.register.all()
    acting = {
        in_force(
            {one.cfg_hash: one.config.active_from for one in accepted if one.series == of}, now
        )
        for of in {one.series for one in accepted}
    }
    return [_config(one, one.cfg_hash in acting) for one in reversed(accepted)]


def _config(one: Accepted, acts: bool) -> dict[str, Any]:
    """One config in a line."""
    days = sorted(one.config.days)
    return {
        "cfg_hash": one.cfg_hash.hex(),
        "series": one.series,
        "epoch": one.config.epoch,
        "active_from": one.config.active_from.isoformat(),
        "first_day": days[0] if days else None,
        "last_day": days[-1] if days else None,
        "acts": acts,
    }


def _storage(desk: Desk, home: Path) -> dict[str, Any]:
    """How large the book is, how much room is left, and when it last reached the disk."""
    sizes = [path.stat().st_size for path in home.glob("book.sqlite*")]
    flushed = desk.book.flushed_at
    return {
        "home": str(home),
        "book_bytes": sum(sizes),
        "free_bytes": shutil.disk_usage(home).free,
        "flushed_at": None if flushed is None else flushed.isoformat(timespec="milliseconds"),
    }
