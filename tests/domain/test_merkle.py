"""Hash trees: every proof holds, and no wrong one does.  默克尔树"""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain import merkle

LEAVES = [bytes((number,)) * 3 for number in range(40)]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]
sizes = st.integers(0, 40)


def root_by_the_book(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word for word and slow."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    left, right = root_by_the_book(leaves[:k]), root_by_the_book(leaves[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@given(leaves=st.lists(st.binary(max_size=5), max_size=40))
def test_the_root_is_that_of_rfc_6962_however_it_is_computed(leaves: list[bytes]) -> None:
    frontier = merkle.Frontier()
    for leaf in leaves:
        frontier = frontier.append(merkle.leaf_hash(leaf))
    assert merkle.root_of(leaves) == frontier.root() == root_by_the_book(leaves)


def test_known_roots_of_rfc_6962() -> None:
    assert merkle.EMPTY_ROOT.hex().startswith("e3b0c44298fc1c149afbf4c8996fb924")
    assert merkle.leaf_hash(b"").hex().startswith("6e340b9cffb37a989ca544e6bb780a2c")


@given(size=st.integers(1, 40), data=st.data())
def test_a_leaf_proves_its_own_place_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(-1, size))
    root = root_by_the_book(LEAVES[:size])
    path = merkle.inclusion_path(index, size, merkle.nodes_of(HASHES[:size]))
    assert merkle.verify_inclusion(HASHES[index], index, size, path, root)
    assert len(path) <= size.bit_length()
    if other != index:
        assert not merkle.verify_inclusion(HASHES[index], other, size, path, root)
    assert not merkle.verify_inclusion(HASHES[index], index, size, [*path, root], root)
    assert not merkle.verify_inclusion(HASHES[39 - index], index, size, path, root) or (
        index == 39 - index
    )
    if path:
        assert not merkle.verify_inclusion(HASHES[index], index, size, path[:-1], root)


@given(old=sizes, new=sizes)
def test_a_grown_log_proves_that_it_kept_what_it_had(old: int, new: int) -> None:
    old, new = sorted((old, new))
    node = merkle.nodes_of(HASHES[:new])
    old_root, new_root = root_by_the_book(LEAVES[:old]), root_by_the_book(LEAVES[:new])
    proof = merkle.consistency_proof(old, new, node)
    assert merkle.verify_consistency(old, new, old_root, new_root, proof)
    if 0 < old < new:
        changed = root_by_the_book([b"changed", *LEAVES[1:old]])
        assert not merkle.verify_consistency(old, new, changed, new_root, proof)
        assert not merkle.verify_consistency(old, new, old_root, changed, proof)
        assert not merkle.verify_consistency(old, new, old_root, new_root, [*proof, new_root])
        assert not merkle.verify_consistency(old, new, old_root, new_root, proof[:-1])
        assert not merkle.verify_consistency(old, new, old_root, new_root, [])
        assert not merkle.verify_consistency(new, old, new_root, old_root, proof)


def test_the_same_size_has_one_root_and_the_empty_log_is_known() -> None:
    root = root_by_the_book(LEAVES[:3])
    assert not merkle.verify_consistency(3, 3, root, merkle.EMPTY_ROOT, [])
    assert not merkle.verify_consistency(0, 3, root, root, [])
    assert not merkle.verify_consistency(0, 3, merkle.EMPTY_ROOT, root, [root])


def test_what_is_not_in_the_tree_has_no_proof() -> None:
    node = merkle.nodes_of(HASHES[:5])
    with pytest.raises(ValueError, match="path"):
        merkle.inclusion_path(5, 5, node)
    with pytest.raises(ValueError, match="grows"):
        merkle.consistency_proof(6, 5, node)


@pytest.mark.parametrize(("size", "hashes"), [(1, 0), (3, 1), (0, 1), (-1, 1)])
def test_a_frontier_holds_one_hash_for_each_bit_of_its_size(size: int, hashes: int) -> None:
    with pytest.raises(ValueError, match="frontier"):
        merkle.Frontier(size=size, hashes=(bytes(32),) * hashes)
