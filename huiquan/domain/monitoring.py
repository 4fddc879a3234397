"""Following a public log from outside: what must hold from one look to the next.  外部监督

A stranger keeps the right edge of the tree and the last round of each lane. Every new entry is
added to what was there, so a log that was shortened or rewritten cannot pass for the old one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from huiquan.domain import checkpoints, rounds
from huiquan.domain.checkpoints import BadNoteError, Checkpoint
from huiquan.domain.draw_config import Hex32, Log
from huiquan.domain.hashes import ZERO_HASH
from huiquan.domain.merkle import EMPTY_ROOT, leaf_hash, range_root
from huiquan.domain.tiles import WIDTH, TilePath, full_root, nodes_in


class LogFlaw(StrEnum):
    """What can be wrong with a log as it is served; each with its sentence in both languages."""

    zh: str
    en: str

    def __new__(cls, value: str, zh: str, en: str) -> "LogFlaw":
        """Keep the sentences with the code."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh, member.en = zh, en
        return member

    UNREADABLE = "unreadable", "无法读取", "it cannot be read"
    OTHER_LOG = "other_log", "这是另一个日志", "this is another log"
    UNSIGNED = "unsigned", "检查点缺少平台签名", "the platform did not sign the checkpoint"
    NO_QUORUM = "no_quorum", "见证人签名不足", "too few witnesses cosigned"
    ROLLED_BACK = "rolled_back", "日志变短了", "the log became shorter"
    FORKED = "forked", "日志分叉", "the log does not continue what was seen before"
    WRONG_ROOT = "wrong_root", "条目与检查点不符", "the entries do not give the checkpoint's root"
    WRONG_TILE = "wrong_tile", "分片与条目不符", "a tile is not what the entries give"
    CHAIN_BROKEN = "chain_broken", "通道的轮次不连续", "a lane's rounds do not follow each other"


@dataclass(frozen=True, kw_only=True)
class PlatformKey:
    """Whose signature a checkpoint must bear."""

    platform: Hex32


@dataclass(frozen=True, kw_only=True)
class LogPolicy:
    """What a stranger must know of a log: its platform's key, its witnesses, their quorum.

    A published draw config holds the same fields, so its file serves as well.
    """

    keys: PlatformKey
    log: Log


def read_policy(raw: bytes) -> LogPolicy:
    """The policy behind a file. Refuses (ValueError) anything else."""
    try:
        return msgspec.json.decode(raw, type=LogPolicy)
    except msgspec.DecodeError as error:
        raise ValueError(f"not the keys of a log: {error}") from error


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The first thing that is wrong, and where."""

    flaw: LogFlaw
    where: str


@dataclass(frozen=True, kw_only=True)
class Edge:
    """The right edge of a tree in tiles: levels[L] holds the hashes of level L's partial tile."""

    levels: tuple[tuple[bytes, ...], ...] = ()

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return sum(len(hashes) * WIDTH**level for level, hashes in enumerate(self.levels))

    def root(self) -> bytes:
        """The root of the tree so far."""
        size = self.size
        if not size:
            return EMPTY_ROOT
        tiles = {(tile.level or 0, tile.number): hashes for tile, hashes in self.partial_tiles()}
        return range_root(0, size, nodes_in(tiles))

    def partial_tiles(self) -> list[tuple[TilePath, tuple[bytes, ...]]]:
        """The partial tiles of the tree, from the leaves up, each with its hashes."""
        size = self.size
        return [
            (TilePath(level=level, number=size // WIDTH ** (level + 1), width=len(hashes)), hashes)
            for level, hashes in enumerate(self.levels)
            if hashes
        ]

    def add(
        self, leaves: Iterable[bytes]
    ) -> tuple["Edge", list[tuple[TilePath, tuple[bytes, ...]]]]:
        """The edge with more leaf hashes, and every tile that became full on the way."""
        levels = [list(hashes) for hashes in self.levels]
        counts = [self.size // WIDTH**level for level in range(len(levels))]
        full: list[tuple[TilePath, tuple[bytes, ...]]] = []
        for leaf in leaves:
            carried, level = leaf, 0
            while True:
                if level == len(levels):
                    levels.append([])
                    counts.append(0)
                levels[level].append(carried)
                counts[level] += 1
                if len(levels[level]) < WIDTH:
                    break
                tile = TilePath(level=level, number=counts[level] // WIDTH - 1)
                full.append((tile, tuple(levels[level])))
                carried = full_root(levels[level])
                levels[level] = []
                level += 1
        return Edge(levels=tuple(map(tuple, levels))), full


@dataclass(frozen=True, kw_only=True)
class Followed:
    """How far a log was followed: its edge, each lane's last round, the last good checkpoint."""

    edge: Edge = field(default_factory=Edge)
    newest: Mapping[tuple[int, int], tuple[int, bytes]] = field(default_factory=dict)
    note: str = ""


def judge_note(raw: str, policy: LogPolicy) -> Checkpoint | Finding:
    """The checkpoint behind a note, if it is this log's, signed, and cosigned by a quorum."""
    try:
        note = checkpoints.parse_note(raw)
        checkpoint = checkpoints.parse_checkpoint(note.text)
    except BadNoteError as error:
        return Finding(flaw=LogFlaw.UNREADABLE, where=f"checkpoint: {error}")
    if checkpoint.origin != policy.log.origin:
        return Finding(flaw=LogFlaw.OTHER_LOG, where=f"checkpoint: {checkpoint.origin}")
    key = bytes.fromhex(policy.keys.platform)
    if not checkpoints.is_note_signed(note, policy.log.origin, key):
        return Finding(flaw=LogFlaw.UNSIGNED, where="checkpoint")
    if not checkpoints.has_quorum(note, policy.log):
        return Finding(flaw=LogFlaw.NO_QUORUM, where="checkpoint")
    return checkpoint


def judge_growth(seen: Followed, checkpoint: Checkpoint) -> Finding | None:
    """Whether a checkpoint can follow what was seen, by its size alone."""
    size = seen.edge.size
    if checkpoint.size < size:
        where = f"{checkpoint.size} entries now, {size} before"
        return Finding(flaw=LogFlaw.ROLLED_BACK, where=where)
    if checkpoint.size == size and checkpoint.root != seen.edge.root():
        return Finding(flaw=LogFlaw.FORKED, where=f"another root at {size} entries")
    return None


def follow(
    seen: Followed, entries: Iterable[bytes]
) -> tuple[Followed, list[tuple[TilePath, tuple[bytes, ...]]]] | Finding:
    """Take up the next entries: the new state and the tiles that became full, or what is wrong."""
    newest, leaves = dict(seen.newest), []
    for place, entry in enumerate(entries, start=seen.edge.size):
        wrong = _take_round(newest, entry)
        if wrong is not None:
            return Finding(flaw=wrong, where=f"entry {place}")
        leaves.append(leaf_hash(entry))
    edge, full = seen.edge.add(leaves)
    return Followed(edge=edge, newest=newest, note=seen.note), full


def _take_round(newest: dict[tuple[int, int], tuple[int, bytes]], entry: bytes) -> LogFlaw | None:
    """One round: it is readable, its final is of its seal, and it is the next of its lane."""
    try:
        raw_seal, raw_final = rounds.split_leaf(entry)
        seal, final = rounds.decode_seal(raw_seal), rounds.decode_final(raw_final)
    except rounds.BadRecordError:
        return LogFlaw.UNREADABLE
    seal_hash = rounds.seal_hash_of(raw_seal)
    seq, prev = newest.get((seal.epoch, seal.lane), (-1, ZERO_HASH))
    if (seal.seq, seal.prev_seal_hash, final.seal_hash) != (seq + 1, prev, seal_hash):
        return LogFlaw.CHAIN_BROKEN
    newest[seal.epoch, seal.lane] = (seal.seq, seal_hash)
    return None


def encode_followed(seen: Followed) -> bytes:
    """The state as JSON, to go on from at the next look."""
    return msgspec.json.encode(
        {
            "levels": [[one.hex() for one in level] for level in seen.edge.levels],
            "newest": [
                [epoch, lane, seq, seal_hash.hex()]
                for (epoch, lane), (seq, seal_hash) in sorted(seen.newest.items())
            ],
            "note": seen.note,
        }
    )


def decode_followed(raw: bytes) -> Followed:
    """The state behind JSON. Refuses (ValueError) anything else."""
    try:
        said: dict[str, Any] = msgspec.json.decode(raw)
        levels = tuple(tuple(map(bytes.fromhex, level)) for level in said["levels"])
        newest = {
            (int(epoch), int(lane)): (int(seq), bytes.fromhex(seal_hash))
            for epoch, lane, seq, seal_hash in said["newest"]
        }
        return Followed(edge=Edge(levels=levels), newest=newest, note=str(said["note"]))
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise ValueError(f"not the state of a monitor: {error}") from error
