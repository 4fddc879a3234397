"""The log in pieces that can be fetched and kept: tiles of hashes, bundles of entries.  日志分片

C2SP tlog-tiles, used unchanged. A tile of level L holds up to 256 neighbouring hashes of the tree
at height 8·L; a full one never changes again. Whoever holds the right tiles makes any proof and any
root, so nobody reads the whole log.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from huiquan.domain.merkle import Nodes, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH_BYTES = 32
LEVELS_MAX = 64
ENTRY_BYTES_MAX = 65_535

_PATH = re.compile(
    r"(?P<level>entries|0|[1-9][0-9]?)/(?P<number>(x[0-9]{3}/)*[0-9]{3})"
    r"(\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class BadTileError(ValueError):
    """The address names no tile, or the bytes are no bundle of entries."""


@dataclass(frozen=True, kw_only=True)
class TilePath:
    """Which tile an address asks for; level None is a bundle of entries, width 256 a full one."""

    level: int | None
    number: int
    width: int = WIDTH

    @property
    def is_full(self) -> bool:
        """True if the tile never changes again."""
        return self.width == WIDTH


def parse_path(path: str) -> TilePath:
    """The tile behind an address below `tile/`. Refuses (BadTileError) any other spelling."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise BadTileError(f"no tile has the address {path[:80]!r}")
    level = None if found["level"] == "entries" else int(found["level"])
    number = int(found["number"].replace("/", "").replace("x", ""))
    asked = TilePath(level=level, number=number, width=int(found["width"] or WIDTH))
    if (level or 0) >= LEVELS_MAX or tile_path(asked) != path:
        raise BadTileError(f"no tile has the address {path[:80]!r}")
    return asked


def tile_path(tile: TilePath) -> str:
    """The address of a tile below `tile/`: its number in groups of three digits, x before all
    but the last."""
    level = "entries" if tile.level is None else str(tile.level)
    digits = str(tile.number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"{level}/{number}" + ("" if tile.is_full else f".p/{tile.width}")


def hashes_at(level: int, size: int) -> int:
    """How many hashes the tree of this size has at a tile level."""
    return size >> HEIGHT * level


def width_of(level: int, number: int, size: int) -> int:
    """How many hashes of a tile the tree of this size has, 0 to 256."""
    return max(0, min(WIDTH, hashes_at(level, size) - number * WIDTH))


def tiles_of(size: int) -> list[TilePath]:
    """Every hash tile of a log of this size, level by level; the last of a level may be partial."""
    found, level = [], 0
    while hashes_at(level, size):
        count = -(-hashes_at(level, size) // WIDTH)
        found += [
            TilePath(level=level, number=number, width=width_of(level, number, size))
            for number in range(count)
        ]
        level += 1
    return found


def tiles_needed(compute: Callable[[Nodes], object], size: int) -> list[TilePath]:
    """The tiles from which something is computed in the tree of this size, each at its width.

    The computation is run once with blank nodes to hear which it asks for.
    """
    asked: set[tuple[int, int]] = set()

    def note(level: int, index: int) -> bytes:
        tile_level, below = divmod(level, HEIGHT)
        asked.add((tile_level, index << below >> HEIGHT))
        return bytes(32)

    compute(note)
    return [
        TilePath(level=level, number=number, width=width_of(level, number, size))
        for level, number in sorted(asked)
    ]


def nodes_in(tiles: Mapping[tuple[int, int], Sequence[bytes]]) -> Nodes:
    """Every node that tiles, by level and number, hold or let compute."""

    def node(level: int, index: int) -> bytes:
        tile_level, below = divmod(level, HEIGHT)
        first = index << below
        held = tiles[tile_level, first >> HEIGHT]
        at = first % WIDTH
        return full_root(held[at : at + (1 << below)])

    return node


def full_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a full subtree: a power of two of neighbouring hashes."""
    level = list(hashes)
    if not level or len(level) & (len(level) - 1):
        raise ValueError("a full subtree has a power of two of hashes")
    while len(level) > 1:
        level = [node_hash(*pair) for pair in zip(level[0::2], level[1::2], strict=True)]
    return level[0]


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one after another, each after its length in two bytes."""
    parts = []
    for entry in entries:
        assert len(entry) <= ENTRY_BYTES_MAX, "a log entry has at most 65,535 bytes"
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def unbundle(raw: bytes) -> list[bytes]:
    """The entries of a bundle. Refuses (BadTileError) bytes that end within an entry."""
    entries, at = [], 0
    while at < len(raw):
        end = at + 2 + int.from_bytes(raw[at : at + 2], "big")
        if at + 2 > len(raw) or end > len(raw):
            raise BadTileError("the bundle ends within an entry")
        entries.append(raw[at + 2 : end])
        at = end
    return entries
