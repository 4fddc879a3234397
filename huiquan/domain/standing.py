"""Where this house stands against what signers and witnesses hold.  与各方核对

A database that was restored from an older copy does not know that it is old, and one that was
edited does not say so. Notary, auditor and witness do: their signed status names the last round of
every lane they proved and the last checkpoint they cosigned. Whatever they hold and we do not is a
gap; whatever they hold otherwise is a fork. Either way nothing more may be entered, sealed or
published here. Of lanes only the two who sign rounds are heard; what is said of the log counts with
the checkpoint that the platform signed, so that no witness can stop the house by a word. Of money
no one outside hears at once: there the house holds its database against what it saw itself.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from huiquan.domain import checkpoints
from huiquan.domain.draw_config import canonical
from huiquan.domain.rounds import BadRecordError, Seal, decode_seal, seal_hash_of
from huiquan.domain.signing import Purpose, is_signed

SIGNERS = ("notary", "auditor")
OURSELVES = "house"
CONFLICT = "conflict"
# A refusal that time alone may mend is no disagreement about the round.
PASSING = frozenset(
    {CONFLICT, "slot_ahead", "config_not_in_force", "not_ready", "behind", "final_needed"}
)


class _LaneSeen(msgspec.Struct, frozen=True):
    series: str
    epoch: int
    lane: int
    seq: int
    seal_hash: str


class _RefusedSeal(msgspec.Struct, frozen=True):
    code: str
    seal: str
    signature: str
    detail: str


class _LogSeen(msgspec.Struct, frozen=True):
    origin: str
    size: int
    root: str
    note: str


class _DeclarationSeen(msgspec.Struct, frozen=True):
    series: str
    hash: str


class SignerStatus(msgspec.Struct, frozen=True):
    """What a signer or witness says of itself."""

    lanes: tuple[_LaneSeen, ...]
    refusals: tuple[_RefusedSeal, ...]
    checkpoints: tuple[_LogSeen, ...]
    declarations: tuple[_DeclarationSeen, ...] = ()


def read_status(raw: bytes, key: bytes) -> SignerStatus | None:
    """The status behind these bytes, or None if the holder of this key did not sign it."""
    try:
        said: dict[str, Any] = msgspec.json.decode(raw, type=dict)
        signature = bytes.fromhex(said.pop("signature"))
        if not is_signed(key, Purpose.STATUS, canonical(said), signature):
            return None
        return msgspec.convert(said, SignerStatus)
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return None


@dataclass(frozen=True, kw_only=True)
class Books:
    """What this house holds, as far as it has to be compared.

    seal_hashes holds our seals at the places that `places_named` gives, next_seq where each lane
    goes on, roots ours at the sizes that `sizes_named` gives, as far as the log reaches;
    declaration_hash is that of our declaration of a new epoch, drafted or begun. movements counts
    the transfers of each book by its lane, seen_movements as many as this house saw there before.
    """

    series: str
    epoch: int
    origin: str
    platform_key: bytes
    cfg_hashes: Collection[bytes]
    next_seq: Mapping[int, int]
    seal_hashes: Mapping[tuple[int, int], bytes]
    log_size: int
    roots: Mapping[int, bytes]
    declaration_hash: bytes | None = None
    movements: Mapping[int, int] = field(default_factory=dict)
    seen_movements: Mapping[int, int] = field(default_factory=dict)


class GapKind(StrEnum):
    """How the house and somebody outside differ."""

    BEHIND = "behind"
    FORKED = "forked"


@dataclass(frozen=True, kw_only=True)
class Gap:
    """One thing that somebody outside holds and this database does not, or holds otherwise."""

    kind: GapKind
    subject: str
    who: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A signed contradiction about one round, which stops its lane. seal and signature in hex."""

    kind: str
    lane: int
    seq: int
    who: str
    code: str
    seal: str
    signature: str
    other_seal_hash: str | None

    @property
    def subject(self) -> str:
        """The round, and which seal of it: each contradiction is published once."""
        return f"lane {self.lane}, round {self.seq}, {seal_hash_of(bytes.fromhex(self.seal)).hex()}"


Statuses = Mapping[str, SignerStatus]


def places_named(series: str, epoch: int, statuses: Statuses) -> set[tuple[int, int]]:
    """The rounds (lane, seq) of this series that somebody signed last, or refused to."""
    refused = {
        place
        for status in statuses.values()
        for one in status.refusals
        if (place := _place(one.seal)) is not None
    }
    return refused | {
        (one.lane, one.seq)
        for who, status in statuses.items()
        for one in status.lanes
        if who in SIGNERS and (one.series, one.epoch) == (series, epoch)
    }


def _place(raw_seal: str) -> tuple[int, int] | None:
    """Lane and number of a seal in hex, if it is one and its number fits the tables."""
    try:
        seal = decode_seal(bytes.fromhex(raw_seal))
    except (BadRecordError, ValueError):
        return None
    return (seal.lane, seal.seq) if seal.lane < 2**15 and seal.seq < 2**63 else None


def sizes_named(origin: str, statuses: Statuses) -> set[int]:
    """The sizes of the checkpoints of this log that somebody cosigned last."""
    return {
        one.size
        for status in statuses.values()
        for one in status.checkpoints
        if one.origin == origin
    }


def gaps_in(books: Books, statuses: Statuses) -> tuple[Gap, ...]:
    """Whatever somebody outside holds and this house does not, or holds otherwise."""
    gaps = [gap for lane in sorted(books.seen_movements) if (gap := _book_gap(books, lane))]
    for who, status in statuses.items():
        signed = status.lanes if who in SIGNERS else ()
        gaps += [gap for one in signed if (gap := _lane_gap(books, who, one))]
        told = status.declarations if who in SIGNERS else ()
        gaps += [gap for one in told if (gap := _epoch_gap(books, who, one))]
        gaps += [gap for one in status.checkpoints if (gap := _log_gap(books, who, one))]
    return tuple(gaps)


def _book_gap(books: Books, lane: int) -> Gap | None:
    """What the house itself saw booked and does not find any more: no signer knows of money."""
    seen, found = books.seen_movements[lane], books.movements.get(lane, 0)
    if found >= seen:
        return None
    return Gap(
        kind=GapKind.BEHIND,
        subject=f"book {lane}",
        who=OURSELVES,
        zh=f"本平台曾见账簿 {lane} 记有 {seen} 笔，本库只有 {found} 笔",
        en=f"{OURSELVES} saw {seen} movements in book {lane}; here are {found}",
    )


def _lane_gap(books: Books, who: str, seen: _LaneSeen) -> Gap | None:
    if (seen.series, seen.epoch) != (books.series, books.epoch):
        return None
    ours = books.seal_hashes.get((seen.lane, seen.seq))
    subject = f"lane {seen.lane}"
    if ours is None:
        has = books.next_seq.get(seen.lane, 0)
        return Gap(
            kind=GapKind.BEHIND,
            subject=subject,
            who=who,
            zh=f"{who} 已签通道 {seen.lane} 的第 {seen.seq} 轮，本库只到第 {has} 轮之前",
            en=f"{who} signed round {seen.seq} of lane {seen.lane}; here the next is round {has}",
        )
    if ours.hex() != seen.seal_hash:
        return Gap(
            kind=GapKind.FORKED,
            subject=subject,
            who=who,
            zh=f"{who} 所签通道 {seen.lane} 第 {seen.seq} 轮的封存与本库不同",
            en=f"{who} signed another seal for round {seen.seq} of lane {seen.lane}",
        )
    return None


def _epoch_gap(books: Books, who: str, seen: _DeclarationSeen) -> Gap | None:
    ours = books.declaration_hash
    if seen.series != books.series or (ours is not None and ours.hex() == seen.hash):
        return None
    return Gap(
        kind=GapKind.BEHIND if ours is None else GapKind.FORKED,
        subject="epoch",
        who=who,
        zh=f"{who} 签过换钥公告 {seen.hash[:8]}，本库{'没有' if ours is None else '是另一份'}",
        en=f"{who} signed the declaration {seen.hash[:8]} of a new epoch; here is "
        + ("none" if ours is None else "another"),
    )


def _log_gap(books: Books, who: str, seen: _LogSeen) -> Gap | None:
    if seen.origin != books.origin or not _is_proven(books, seen):
        return None
    if seen.size > books.log_size:
        return Gap(
            kind=GapKind.BEHIND,
            subject="log",
            who=who,
            zh=f"{who} 见过 {seen.size} 条的公开日志，本库只有 {books.log_size} 条",
            en=f"{who} cosigned a log of {seen.size} leaves; here it has {books.log_size}",
        )
    if books.roots.get(seen.size, b"").hex() != seen.root:
        return Gap(
            kind=GapKind.FORKED,
            subject="log",
            who=who,
            zh=f"{who} 在 {seen.size} 条处所见的日志根与本库不同",
            en=f"{who} cosigned another root at {seen.size} leaves",
        )
    return None


def _is_proven(books: Books, seen: _LogSeen) -> bool:
    """The platform itself signed the checkpoint that is said to have been seen."""
    try:
        note = checkpoints.parse_note(seen.note)
        checkpoint = checkpoints.parse_checkpoint(note.text)
    except checkpoints.BadNoteError:
        return False
    said = (checkpoint.origin, checkpoint.size, checkpoint.root.hex())
    return said == (seen.origin, seen.size, seen.root) and checkpoints.is_note_signed(
        note, seen.origin, books.platform_key
    )


def evidence_in(books: Books, statuses: Statuses) -> tuple[Evidence, ...]:
    """Signed contradictions: two seals for one round, or a round one signs and one refuses."""
    found = []
    for who, status in statuses.items():
        for refused in status.refusals:
            seal = _our_seal(books, refused)
            if seal is None:
                continue
            if refused.code == CONFLICT:
                ours = books.seal_hashes.get((seal.lane, seal.seq))
                found.append(_evidence("two_seals", who, refused, seal, ours))
            elif who == "auditor" and _is_disputed(books, statuses, refused, seal):
                found.append(_evidence("signers_disagree", who, refused, seal, None))
    return tuple(found)


def _our_seal(books: Books, refused: _RefusedSeal) -> Seal | None:
    """The refused seal, if it is one of this campaign and the platform did sign it."""
    try:
        raw = bytes.fromhex(refused.seal)
        signature = bytes.fromhex(refused.signature)
        seal = decode_seal(raw)
    except (BadRecordError, ValueError):
        return None
    is_ours = seal.cfg_hash in books.cfg_hashes and seal.epoch == books.epoch
    signed = is_signed(books.platform_key, Purpose.SEAL, raw, signature)
    return seal if is_ours and signed else None


def _is_disputed(books: Books, statuses: Statuses, refused: _RefusedSeal, seal: Seal) -> bool:
    """The notary proved this very seal, and the auditor, who refused it, has not since."""
    if refused.code in PASSING or "notary" not in statuses:
        return False
    seal_hash = seal_hash_of(bytes.fromhex(refused.seal)).hex()
    place = (books.series, books.epoch, seal.lane)
    proved = [
        one.seal_hash
        for one in statuses["notary"].lanes
        if (one.series, one.epoch, one.lane) == place
    ]
    reached = [
        one.seq for one in statuses["auditor"].lanes if (one.series, one.epoch, one.lane) == place
    ]
    return seal_hash in proved and max(reached, default=-1) < seal.seq


def _evidence(
    kind: str, who: str, refused: _RefusedSeal, seal: Seal, ours: bytes | None
) -> Evidence:
    return Evidence(
        kind=kind,
        lane=seal.lane,
        seq=seal.seq,
        who=who,
        code=refused.code,
        seal=refused.seal,
        signature=refused.signature,
        other_seal_hash=ours.hex() if ours else None,
    )
