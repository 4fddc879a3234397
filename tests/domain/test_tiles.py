"""The log in tiles: the addresses of the standard, and every root and proof from tiles alone."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain import merkle, tiles
from huiquan.domain.merkle import EMPTY_ROOT, Nodes
from huiquan.domain.tiles import BadTileError, TilePath


def second_root(hashes: list[bytes]) -> bytes:
    """The tree as RFC 6962 defines it, by recursion; the second, independent count."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    below = second_root(hashes[:split]) + second_root(hashes[split:])
    return hashlib.sha256(b"\x01" + below).digest()


LEAVES = [hashlib.sha256(b"leaf %d" % n).digest() for n in range(1500)]


def cut(size: int, wanted: list[TilePath]) -> dict[tuple[int, int], list[bytes]]:
    """Tiles of the tree over the first leaves, from the definition: each hash a subtree's root."""
    held = {}
    for one in wanted:
        assert one.level is not None
        span = 256**one.level
        starts = [(one.number * 256 + n) * span for n in range(one.width)]
        assert all(start + span <= size for start in starts)
        held[one.level, one.number] = [
            second_root(LEAVES[start : start + span]) for start in starts
        ]
    return held


PATHS = [
    ("0/000", TilePath(level=0, number=0)),
    ("0/000.p/1", TilePath(level=0, number=0, width=1)),
    ("3/x001/x234/067", TilePath(level=3, number=1_234_067)),
    ("63/x012/999.p/255", TilePath(level=63, number=12_999, width=255)),
    ("entries/x001/000", TilePath(level=None, number=1000)),
    ("entries/000.p/112", TilePath(level=None, number=0, width=112)),
]


@pytest.mark.parametrize(("path", "tile"), PATHS)
def test_a_tile_has_the_address_of_the_standard(path: str, tile: TilePath) -> None:
    assert tiles.parse_path(path) == tile
    assert tiles.tile_path(tile) == path


@pytest.mark.parametrize(
    "path",
    ["", "0", "0/1", "0/0001", "0/x000/001", "00/000", "64/000", "0/000.p/0", "0/000.p/256",
     "0/000.p/01", "0/001/000", "0/x001", "entries/000.p/", "-1/000", "0/000/", "0/٠٠٠",
     "0/../000", "0/000\n"],
)  # fmt: skip
def test_no_other_spelling_is_an_address(path: str) -> None:
    with pytest.raises(BadTileError):
        tiles.parse_path(path)


@given(st.integers(0, 10**15), st.integers(1, 256), st.one_of(st.none(), st.integers(0, 63)))
def test_every_tile_is_found_again_under_its_address(
    number: int, width: int, level: int | None
) -> None:
    tile = TilePath(level=level, number=number, width=width)
    assert tiles.parse_path(tiles.tile_path(tile)) == tile


def test_a_tree_of_70000_has_the_tiles_that_the_standard_counts() -> None:
    widths = [(one.level, one.width) for one in tiles.tiles_of(70_000)]
    assert widths.count((0, 256)) == 273
    assert [pair for pair in widths if pair != (0, 256)] == [(0, 112), (1, 256), (1, 17), (2, 1)]
    assert [(one.level, one.width) for one in tiles.tiles_of(256)] == [(0, 256), (1, 1)]
    assert tiles.tiles_of(0) == []


@given(st.integers(1, len(LEAVES)), st.data())
def test_a_path_made_from_few_tiles_is_the_path_of_the_whole_tree(
    size: int, data: st.DataObject
) -> None:
    leaf = data.draw(st.integers(0, size - 1))

    def compute(node: Nodes) -> list[bytes]:
        return merkle.inclusion_path(leaf, size, node)

    needed = tiles.tiles_needed(compute, size)
    assert len(needed) <= 2 * len({one.level for one in needed})
    path = compute(tiles.nodes_in(cut(size, needed)))
    root = second_root(LEAVES[:size])
    assert merkle.verify_inclusion(LEAVES[leaf], leaf, size, path, root)
    assert path == merkle.inclusion_path(leaf, size, merkle.nodes_of(LEAVES[:size]))


@given(st.integers(1, len(LEAVES)), st.data())
def test_growth_is_proven_from_few_tiles(size: int, data: st.DataObject) -> None:
    old_size = data.draw(st.integers(0, size))

    def compute(node: Nodes) -> list[bytes]:
        return merkle.consistency_proof(old_size, size, node)

    needed = tiles.tiles_needed(compute, size)
    proof = compute(tiles.nodes_in(cut(size, needed)))
    old, new = second_root(LEAVES[:old_size]), second_root(LEAVES[:size])
    assert merkle.verify_consistency(old_size, size, old, new, proof)


@given(st.lists(st.binary(max_size=400), max_size=20))
def test_a_bundle_gives_its_entries_back(entries: list[bytes]) -> None:
    assert tiles.unbundle(tiles.bundle(entries)) == entries


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=5), st.data())
def test_a_bundle_that_was_cut_is_refused_or_shorter(
    entries: list[bytes], data: st.DataObject
) -> None:
    raw = tiles.bundle(entries)
    short = raw[: data.draw(st.integers(0, len(raw) - 1))]
    try:
        assert len(tiles.unbundle(short)) < len(entries)
    except BadTileError:
        assert short


@pytest.mark.parametrize("count", [0, 3, 255])
def test_only_a_whole_subtree_has_a_root_here(count: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        tiles.full_root(LEAVES[:count])
