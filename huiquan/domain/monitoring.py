"""Following a public log from outside: what must hold from one look to the next.  外部监督

A stranger keeps the right edge of the tree and the last round of each lane. Every new entry is
added to what was there, so a log that was shortened or rewritten cannot pass for the old one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from huiquan.domain import checkpoints, epochs, rounds
from huiquan.domain.checkpoints import BadNoteError, Checkpoint
from huiquan.domain.config_making import log_origin
from huiquan.domain.draw_config import Hex32, Log
from huiquan.domain.epochs import DeclaredEpoch
from huiquan.domain.hashes import ZERO_HASH
from huiquan.domain.merkle import EMPTY_ROOT, leaf_hash, range_root
from huiquan.domain.spoken import Spoken
from huiquan.domain.tiles import WIDTH, TilePath, full_root, nodes_in


class LogFlaw(Spoken):
    """What can be wrong with a log as it is served."""

    UNREADABLE = "unreadable", "无法读取", "it cannot be read"
    OTHER_LOG = "other_log", "这是另一个日志", "this is another log"
    UNSIGNED = "unsigned", "检查点缺少平台签名", "the platform did not sign the checkpoint"
    NO_QUORUM = "no_quorum", "见证人签名不足", "too few witnesses cosigned"
    ROLLED_BACK = "rolled_back", "日志变短了", "the log became shorter"
    FORKED = "forked", "日志分叉", "the log does not continue what was seen before"
    WRONG_ROOT = "wrong_root", "条目与检查点不符", "the entries do not give the checkpoint's root"
    WRONG_TILE = "wrong_tile", "分片与条目不符", "a tile is not what the entries give"
    CHAIN_BROKEN = "chain_broken", "通道的轮次不连续", "a lane's rounds do not follow each other"
    UNDECLARED = (
        "undeclared",
        "换钥公告缺失或不成立",
        "a change of keys is not declared as it must be",
    )
    OLD_KEY = "old_key", "已作废的密钥仍被使用", "the lost key was used after its loss"


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
    """How far a log was followed: its edge, each lane's last round, the last good checkpoint.

    declaration is the hash, in hex, of the change of keys that was met in the log; "" for none.
    """

    edge: Edge = field(default_factory=Edge)
    newest: Mapping[tuple[int, int], tuple[int, bytes]] = field(default_factory=dict)
    note: str = ""
    declaration: str = ""


def judge_declaration(
    raw: bytes | None, policy: LogPolicy, seen: Followed
) -> DeclaredEpoch | Finding | None:
    """The change of keys that a log shows, if it shows one and the known keys declared it.

    The policy may be from before the change or from behind it. What was met once stays.
    """
    wrong = Finding(flaw=LogFlaw.UNDECLARED, where="epoch")
    if raw is None:
        return wrong if seen.declaration else None
    try:
        declared = epochs.decode_epoch(raw)
    except epochs.BadDeclarationError as error:
        return Finding(flaw=LogFlaw.UNDECLARED, where=f"epoch: {error}")
    said, known = declared.declaration, {one.key for one in policy.log.witnesses}
    names_us = (
        said.keys.platform == policy.keys.platform
        and log_origin(said.campaign) == policy.log.origin
        and getattr(said.keys, said.survivor) in known
        and bool({said.old_key, said.new_key} & known)
    )
    if not names_us or not epochs.is_declared(declared):
        return wrong
    return wrong if seen.declaration not in ("", declared.hash.hex()) else declared


def judge_note(
    raw: str, policy: LogPolicy, declared: DeclaredEpoch | None = None
) -> Checkpoint | Finding:
    """The checkpoint behind a note, if it is this log's, signed, and cosigned by a quorum.

    Behind a declared change of keys the new key counts among the witnesses, and the lost one must
    not appear.
    """
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
    log = epochs.witnesses_at(policy.log, declared, checkpoint.size)
    if epochs.is_cosigned_by_the_lost_key(note, log, declared, checkpoint.size):
        return Finding(flaw=LogFlaw.OLD_KEY, where="checkpoint")
    if not checkpoints.has_quorum(note, log):
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
    seen: Followed, entries: Iterable[bytes], declared: DeclaredEpoch | None = None
) -> tuple[Followed, list[tuple[TilePath, tuple[bytes, ...]]]] | Finding:
    """Take up the next entries: the new state and the tiles that became full, or what is wrong."""
    newest, leaves, met = dict(seen.newest), list[bytes](), seen.declaration
    due = None if declared is None else declared.declaration.log.size
    for place, entry in enumerate(entries, start=seen.edge.size):
        if declared is not None and place == due:
            edge, _ = seen.edge.add(leaves)
            wrong = _take_declaration(newest, entry, declared, edge)
            met = declared.hash.hex()
        else:
            is_over = due is not None and place > due
            wrong = _take_round(newest, entry, is_over)
        if wrong is not None:
            return Finding(flaw=wrong, where=f"entry {place}")
        leaves.append(leaf_hash(entry))
    edge, full = seen.edge.add(leaves)
    return replace(seen, edge=edge, newest=newest, declaration=met), full


def _take_declaration(
    newest: dict[tuple[int, int], tuple[int, bytes]],
    entry: bytes,
    declared: DeclaredEpoch,
    edge: Edge,
) -> LogFlaw | None:
    """The declaration stands here, over this log, and takes every lane up where it ended."""
    said = declared.declaration
    if entry != epochs.leaf_of(declared) or edge.root().hex() != said.log.root:
        return LogFlaw.UNDECLARED
    lanes = {lane for epoch, lane in newest if epoch == said.epoch - 1}
    if lanes - set(range(len(said.lanes))):
        return LogFlaw.UNDECLARED
    for lane, start in enumerate(said.lanes):
        seq, seal_hash = newest.get((said.epoch - 1, lane), (-1, ZERO_HASH))
        if (seq + 1, seal_hash.hex()) != (start.next_seq, start.last_seal_hash):
            return LogFlaw.UNDECLARED
        newest[said.epoch, lane] = (seq, epochs.first_link(said, declared.hash, lane))
    return None


def _take_round(
    newest: dict[tuple[int, int], tuple[int, bytes]], entry: bytes, is_over: bool
) -> LogFlaw | None:
    """One round: it is readable, its final is of its seal, and it is the next of its lane.

    is_over: the first epoch has ended. A declaration that nobody announced is none.
    """
    if epochs.is_declaration_leaf(entry):
        return LogFlaw.UNDECLARED
    try:
        raw_seal, raw_final = rounds.split_leaf(entry)
        seal, final = rounds.decode_seal(raw_seal), rounds.decode_final(raw_final)
    except rounds.BadRecordError:
        return LogFlaw.UNREADABLE
    if seal.epoch != int(is_over):
        return LogFlaw.OLD_KEY if is_over else LogFlaw.UNDECLARED
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
            "declaration": seen.declaration,
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
        # A state from before there was such a thing has met no change of keys.
        declaration = str(said.get("declaration", ""))
        return Followed(
            edge=Edge(levels=levels),
            newest=newest,
            note=str(said["note"]),
            declaration=declaration,
        )
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise ValueError(f"not the state of a monitor: {error}") from error
