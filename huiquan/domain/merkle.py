"""Hash trees: one fingerprint for a whole list, with short proofs for its parts.  默克尔树

The trees of RFC 6962 (0x00 before a leaf, 0x01 before a node). The entries of a round stand in
one small tree; all rounds of a campaign stand in one growing tree, the public log.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

EMPTY_ROOT = hashlib.sha256(b"").digest()

Nodes = Callable[[int, int], bytes]
"""Looks up the root of the full subtree number `index` at `level` (level 0 holds the leaves)."""


def leaf_hash(leaf: bytes) -> bytes:
    """The fingerprint of one item of the list."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The fingerprint of two neighbouring parts."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over a whole list of items; SHA-256 of nothing for the empty list."""
    sha256 = hashlib.sha256
    return root_of_hashes([sha256(b"\x00" + leaf).digest() for leaf in leaves])


def root_of_hashes(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf fingerprints.

    Neighbours are joined level by level, and one left alone at the end moves up as it is: the
    same tree as the recursive definition of the RFC, in one pass.
    """
    if not hashes:
        return EMPTY_ROOT
    level = hashes
    sha256 = hashlib.sha256
    while len(level) > 1:
        paired = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[0::2], level[1::2], strict=False)
        ]
        level = [*paired, level[-1]] if len(level) % 2 else paired
    return level[0]


def nodes_of(hashes: Sequence[bytes]) -> Nodes:
    """Every full subtree over these leaf fingerprints, for making proofs from memory."""
    levels = [list(hashes)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(*pair) for pair in zip(below[0::2], below[1::2], strict=False)])
    return lambda level, index: levels[level][index]


def inclusion_path(index: int, size: int, node: Nodes) -> list[bytes]:
    """The proof that leaf number index is in the tree of this size, lowest neighbour first.

    Refuses (ValueError) an index outside the tree.
    """
    if not 0 <= index < size:
        raise ValueError("only a leaf of the tree has a path")
    ranges = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return [range_root(*part, node) for part in reversed(ranges)]


def root_of_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root a path leads to from this leaf fingerprint at index, or None if it leads nowhere.

    RFC 9162 section 2.1.3.2; a path that is too long or too short proves nothing.
    """
    if not 0 <= index < size:
        return None
    place, last, current = index, size - 1, leaf
    for neighbour in path:
        if last == 0:
            return None
        if place % 2 or place == last:
            current = node_hash(neighbour, current)
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            current = node_hash(current, neighbour)
        place, last = place >> 1, last >> 1
    return current if last == 0 else None


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """True if the path shows that this leaf fingerprint stands at index under root."""
    return root_of_path(leaf, index, size, path) == root


def consistency_proof(old_size: int, new_size: int, node: Nodes) -> list[bytes]:
    """The proof that the tree of new_size only added to the tree of old_size.

    Refuses (ValueError) sizes that do not grow. Empty for equal sizes and for an empty old tree.
    """
    if not 0 <= old_size <= new_size:
        raise ValueError("a log only grows")
    if old_size == 0:
        return []
    ranges = []
    start, end = 0, new_size
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return [range_root(*part, node) for part in reversed(ranges)]


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """True if the proof shows that the new tree begins with the whole old one.

    RFC 9162 section 2.1.4.2; the empty tree is the beginning of every tree.
    """
    if not 0 <= old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    whole = old_size & (old_size - 1) == 0
    steps = [old_root, *proof] if whole else list(proof)
    place, last = old_size - 1, new_size - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    if not steps:
        return False
    old = new = steps[0]
    for neighbour in steps[1:]:
        if last == 0:
            return False
        if place % 2 or place == last:
            old, new = node_hash(neighbour, old), node_hash(neighbour, new)
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, neighbour)
        place, last = place >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def range_root(start: int, end: int, node: Nodes) -> bytes:
    """The root over leaves start to end (end not included), a part that a proof names."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(count)
    return node_hash(range_root(start, middle, node), range_root(middle, end, node))


@dataclass(frozen=True, kw_only=True)
class Frontier:
    """The right edge of a growing tree: enough to add leaves and to name the root.  前沿

    hashes holds the roots of the full subtrees from the largest to the smallest, one for each
    bit set in size.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError("a frontier holds one hash for each bit of its size")

    def append(self, leaf: bytes) -> "Frontier":
        """The frontier with one more leaf fingerprint."""
        hashes, current = list(self.hashes), leaf
        size = self.size
        while size % 2:
            current = node_hash(hashes.pop(), current)
            size >>= 1
        return Frontier(size=self.size + 1, hashes=(*hashes, current))

    def root(self) -> bytes:
        """The root of the tree so far."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for larger in reversed(self.hashes[:-1]):
            root = node_hash(larger, root)
        return root


def _split(count: int) -> int:
    """The largest power of two below count: where the RFC divides a list."""
    return 1 << (count - 1).bit_length() - 1
