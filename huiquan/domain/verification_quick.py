"""The quick reading of a lane: the same checks, many entries at a time, in parts.  快速复算

A day may hold a million entries and more. Here a lane is cut into parts that can be read apart and
at once, and each check runs over a whole round: byte columns are compared as columns, and hashes
are made in tight loops. A part is right or it is not; *what* is wrong is named by the plain
reading (`verification_lane`), which stays the one that says no.
"""

import hashlib
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

from huiquan.domain import exports, lottery, merkle, rounds
from huiquan.domain.exports import RoundRow
from huiquan.domain.hashes import ZERO_HASH
from huiquan.domain.rounds import ENTRY_BYTES, BadRecordError, Final, Seal
from huiquan.domain.verdicts import Finding
from huiquan.domain.verification_files import Files
from huiquan.domain.verification_lane import (
    LaneRules,
    LaneTally,
    LaneTask,
    Walk,
    betas_of,
    decide_place,
    decide_stock,
    step,
    walk_lane,
)

PART_ENTRIES = 25_000


@dataclass(frozen=True, kw_only=True)
class LanePart:
    """Neighbouring rounds of a lane: the round before them, and where their entries lie.

    start and end count bytes in the lane's file of entries; the last part goes to the end of the
    file (end is None).
    """

    rules: LaneRules
    rows: tuple[RoundRow, ...]
    before: RoundRow | None
    start: int
    end: int | None


@dataclass(frozen=True, kw_only=True)
class PartTally:
    """What a right part came to: for each entry its pseudonym and the tier it drew (0 a miss)."""

    pids: bytes
    tiers: bytes
    kept: dict[tuple[int, int], int] = field(default_factory=dict)
    entered: Counter[tuple[int, int]] = field(default_factory=Counter)
    drawn: Counter[tuple[int, int]] = field(default_factory=Counter)


Hands = Callable[[Sequence[LanePart]], Iterable[PartTally | None]]
"""Reads parts, here or in other processes, and answers in their order."""


def read_quickly(
    files: Files,
    tasks: Sequence[LaneTask],
    hands: Hands | None = None,
    part_entries: int = PART_ENTRIES,
) -> Iterator[LaneTally | Finding]:
    """Every lane in order; a lane that is not right is read again plainly, which names what is.

    hands reads the parts; without it they are read one after another.
    """
    parts = [part for task in tasks for part in parts_of(task, part_entries)]
    read = hands(parts) if hands is not None else map(partial(_read_from, files), parts)
    answers = zip(parts, read, strict=True)
    by_lane = {task.rules.lane: task for task in tasks}
    for lane, read_parts in groupby(answers, key=lambda pair: pair[0].rules.lane):
        tally = _join(lane, [answer for _, answer in read_parts])
        if tally is not None:
            yield tally
            continue
        task = by_lane[lane]
        finding = walk_lane(task.rules, task.rows, files[exports.entries_file(lane)])
        assert isinstance(finding, Finding), f"the two readings of lane {lane} disagree"
        yield finding


def parts_of(task: LaneTask, part_entries: int) -> list[LanePart]:
    """A lane cut between rounds into parts of so many entries or a few more."""
    parts: list[LanePart] = []
    rows: list[RoundRow] = []
    before: RoundRow | None = None
    start = end = 0
    for row in task.rows:
        rows.append(row)
        end += ENTRY_BYTES * _count_in(row)
        if end - start >= ENTRY_BYTES * part_entries and row is not task.rows[-1]:
            parts.append(_part(task, rows, before, start, end))
            rows, before, start = [], row, end
    return [*parts, _part(task, rows, before, start, None)]


def read_part(part: LanePart, raw_entries: bytes) -> PartTally | None:
    """A part that is right in every check, or nothing. raw_entries are the bytes of the part."""
    tally = PartTally(pids=b"", tiers=b"")
    walk = Walk(rules=part.rules, tally=LaneTally(lane=part.rules.lane))
    pids, tiers, at = bytearray(), bytearray(), 0
    try:
        if part.before is not None:
            step(walk, part.before, *_decode(part.before))
        for row in part.rows:
            seal, final = _decode(row)
            raw = raw_entries[at : at + ENTRY_BYTES * seal.count]
            if decide_place(walk, row, seal, final) or not _are_sealed(walk, seal, raw):
                return None
            drawn = None if decide_stock(walk, seal) else _draw(walk, row, seal, final, raw, tally)
            if drawn is None:
                return None
            at += len(raw)
            pids += b"".join(pids_in(raw))
            tiers += drawn
            step(walk, row, seal, final)
    except BadRecordError:
        return None
    if at != len(raw_entries):
        return None
    return PartTally(
        pids=bytes(pids),
        tiers=bytes(tiers),
        kept=tally.kept,
        entered=tally.entered,
        drawn=tally.drawn,
    )


def pids_in(raw: bytes) -> list[bytes]:
    """The pseudonyms in a run of entries."""
    return [raw[at : at + 16] for at in range(16, len(raw), ENTRY_BYTES)]


def _are_sealed(walk: Walk, seal: Seal, raw: bytes) -> bool:
    """The entries are the sealed ones, without a gap, each person once and in their lane."""
    rules, count = walk.rules, seal.count
    if len(raw) != ENTRY_BYTES * count or not 0 < count <= rules.round_max:
        return False
    if seal.first_idx + count > 1 << 64 or merkle.root_of(rounds.split_entries(raw)) != seal.root:
        return False
    head = struct.pack(">BHI", rounds.VERSION, seal.lane, seal.day)
    idxs = struct.pack(f">{count}Q", *range(seal.first_idx, seal.first_idx + count))
    columns = [head[at : at + 1] * count for at in range(7)] + [idxs[at::8] for at in range(8)]
    if any(raw[at::ENTRY_BYTES] != column for at, column in enumerate(columns)):
        return False
    pids = pids_in(raw)
    known = len(walk.seen)
    walk.seen.update(pids)
    return (
        len(walk.seen) == known + count
        and set(raw[15::ENTRY_BYTES]) <= rules.tables.keys()
        and lottery.are_in_lane(rules.epoch_start, pids, rules.lanes, rules.lane)
    )


def _draw(
    walk: Walk, row: RoundRow, seal: Seal, final: Final, raw: bytes, tally: PartTally
) -> bytes | None:
    """The tier each entry drew, if both proofs hold and the final is what the draw gives."""
    seal_hash = rounds.seal_hash_of(bytes.fromhex(row.seal))
    betas = betas_of(walk.rules.configs[seal.cfg_hash].keys, seal_hash, final)
    if betas is None or final.seal_hash != seal_hash:
        return None
    if final.seed != lottery.seed_of(seal_hash, *betas) or len(final.kept) != walk.rules.tiers:
        return None
    drawn, winners = _tickets(walk.rules, final.seed, raw)
    for tier, left in enumerate(seal.left_before, start=1):
        ranked = sorted(
            (lottery.rank_of(final.seed, seal.first_idx + place, raw_pid), place)
            for place, raw_pid in winners.get(tier, ())
        )
        kept = min(left, len(ranked))
        last = ranked[kept - 1][0] if 0 < kept < len(ranked) else ZERO_HASH
        said = (final.kept[tier - 1], final.cut[tier - 1], final.last_kept_rank[tier - 1])
        if said != (kept, len(ranked) - kept, last):
            return None
        for _, place in ranked[:kept]:
            tally.kept[seal.lane, seal.first_idx + place] = tier
        if ranked:
            tally.drawn[seal.slot, tier] += len(ranked)
    for pack, entered in Counter(raw[15::ENTRY_BYTES]).items():
        tally.entered[seal.slot, pack] += entered
    return drawn


def _tickets(
    rules: LaneRules, seed: bytes, raw: bytes
) -> tuple[bytes, dict[int, list[tuple[int, bytes]]]]:
    """The tier of each entry, and the drawn entries (place, pseudonym) by tier.

    A ticket is below a bound exactly if its 32 bytes stand before the bound's 8 bytes.
    """
    head, sha256 = b"\x04draw" + seed, hashlib.sha256
    bounds = {
        pack: [(bound.to_bytes(8, "big"), tier) for bound, tier in table]
        for pack, table in rules.tables.items()
    }
    highest = {pack: table[-1][0] if table else b"" for pack, table in bounds.items()}
    tiers = bytearray(len(raw) // ENTRY_BYTES)
    winners: dict[int, list[tuple[int, bytes]]] = {}
    for place, at in enumerate(range(0, len(raw), ENTRY_BYTES)):
        pid = raw[at + 16 : at + 32]
        ticket = sha256(head + raw[at + 7 : at + 15] + pid).digest()
        pack = raw[at + 15]
        if ticket < highest[pack]:
            tier = next(tier for bound, tier in bounds[pack] if ticket < bound)
            tiers[place] = tier
            winners.setdefault(tier, []).append((place, pid))
    return bytes(tiers), winners


def _join(lane: int, parts: Sequence[PartTally | None]) -> LaneTally | None:
    """The parts of a lane as one tally, unless one is not right or shares a person with another."""
    tally = LaneTally(lane=lane)
    seen: set[bytes] = set()
    entered, tiers = 0, bytearray()
    for part in parts:
        if part is None:
            return None
        seen.update(part.pids[at : at + 16] for at in range(0, len(part.pids), 16))
        entered += len(part.tiers)
        tiers += part.tiers
        tally.kept |= part.kept
        tally.entered += part.entered
        tally.drawn += part.drawn
    tally.longest_run = max(map(len, tiers.split(b"\0")))
    return tally if len(seen) == entered else None


def _decode(row: RoundRow) -> tuple[Seal, Final]:
    """A line's seal and final. Refuses (BadRecordError) bytes that hold none, or unlike tiers."""
    seal = rounds.decode_seal(bytes.fromhex(row.seal))
    final = rounds.decode_final(bytes.fromhex(row.final))
    if len(seal.left_before) != len(final.kept):
        raise BadRecordError("seal and final count different tiers")
    return seal, final


def _count_in(row: RoundRow) -> int:
    """How many entries a line's seal says the round has; 0 if nobody can read it."""
    try:
        return rounds.decode_seal(bytes.fromhex(row.seal)).count
    except BadRecordError:
        return 0


def _part(
    task: LaneTask, rows: list[RoundRow], before: RoundRow | None, start: int, end: int | None
) -> LanePart:
    """One part of a lane."""
    return LanePart(rules=task.rules, rows=tuple(rows), before=before, start=start, end=end)


def _read_from(files: Files, part: LanePart) -> PartTally | None:
    """A part read from the files at hand."""
    raw = files[exports.entries_file(part.rules.lane)]
    return read_part(part, raw[part.start : part.end])
