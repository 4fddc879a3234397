"""Provable randomness: the RFC's own examples, and proofs that must not hold.  可验证随机函数"""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import bindings

from huiquan.domain import vrf

SEED = bytes(range(32))
KEY = vrf.public_key(SEED)
ORDER = 2**252 + 27742317777372353535851937790883648493
IDENTITY = (1).to_bytes(32, "little")
# A point of order 8, and the few others that have no secret worth the name.
ORDER_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
SMALL = [IDENTITY, bytes(32), ORDER_8, (2**255 - 20).to_bytes(32, "little")]


def examples() -> list[dict[str, str]]:
    path = Path(__file__).parents[2] / "vectors" / "rfc9381.json"
    found: list[dict[str, str]] = json.loads(path.read_text())["examples"]
    return found


@pytest.mark.requirement("R2.1")
@pytest.mark.parametrize("example", examples(), ids=lambda one: f"example {one['number']}")
def test_the_examples_of_rfc_9381_come_out_bit_for_bit(example: dict[str, str]) -> None:
    seed, key, alpha, pi, beta = (
        bytes.fromhex(example[name]) for name in ("seed", "key", "alpha", "pi", "beta")
    )
    assert vrf.public_key(seed) == key
    assert vrf.prove(seed, alpha) == pi
    assert vrf.verify(key, alpha, pi) == beta == vrf.proof_to_hash(pi)


@settings(max_examples=25, deadline=None)
@given(alpha=st.binary(max_size=80), bit=st.integers(0, 80 * 8 - 1))
def test_a_proof_holds_for_its_question_and_with_one_bit_changed_for_none(
    alpha: bytes, bit: int
) -> None:
    proof = vrf.prove(SEED, alpha)
    assert vrf.verify(KEY, alpha, proof) == vrf.proof_to_hash(proof)
    flipped = bytearray(proof)
    flipped[bit // 8] ^= 1 << bit % 8
    assert vrf.verify(KEY, alpha, bytes(flipped)) is None
    assert vrf.verify(KEY, alpha + b"x", proof) is None


def test_a_proof_of_one_signer_is_no_proof_of_another() -> None:
    seal_hash = bytes(32)
    proof = vrf.prove(SEED, vrf.seal_alpha("N", seal_hash))
    assert vrf.verify(vrf.public_key(bytes(32)), vrf.seal_alpha("N", seal_hash), proof) is None
    assert vrf.verify(KEY, vrf.seal_alpha("W", seal_hash), proof) is None


@pytest.mark.parametrize("key", SMALL, ids=lambda key: key.hex()[:8])
def test_a_key_without_a_secret_is_refused(key: bytes) -> None:
    assert not vrf.is_valid_key(key)
    assert vrf.verify(key, b"", vrf.prove(SEED, b"")) is None


@pytest.mark.parametrize(
    "key",
    [
        b"",
        bytes(31),
        (2**255 - 19).to_bytes(32, "little"),  # the field's size: not a reduced number
        (2).to_bytes(32, "little"),  # no point has this coordinate
        (1 | 1 << 255).to_bytes(32, "little"),  # zero with a sign
    ],
    ids=["empty", "short", "not reduced", "no point", "signed zero"],
)
def test_bytes_that_are_no_point_are_no_key(key: bytes) -> None:
    assert not vrf.is_valid_key(key)


@pytest.mark.parametrize("length", [0, 79, 81])
def test_a_proof_has_80_bytes(length: int) -> None:
    proof = (vrf.prove(SEED, b"") + b"\x00")[:length]
    assert vrf.verify(KEY, b"", proof) is None
    with pytest.raises(ValueError, match="no proof"):
        vrf.proof_to_hash(proof)


def test_a_response_beyond_the_group_order_is_refused() -> None:
    proof = vrf.prove(SEED, b"")
    larger = int.from_bytes(proof[48:], "little") + ORDER
    assert vrf.verify(KEY, b"", proof[:48] + larger.to_bytes(32, "little")) is None


def test_a_gamma_that_is_no_point_is_refused() -> None:
    proof = vrf.prove(SEED, b"")
    assert vrf.verify(KEY, b"", (2).to_bytes(32, "little") + proof[32:]) is None


def test_zeros_prove_nothing() -> None:
    assert vrf.verify(KEY, b"", KEY + bytes(48)) is None


def slow_multiple(scalar: int, point: bytes) -> bytes:
    """A second way to multiply: add the point to itself, bit by bit."""
    total = IDENTITY
    for bit in bin(scalar)[2:]:
        total = bindings.crypto_core_ed25519_add(total, total)
        if bit == "1":
            total = bindings.crypto_core_ed25519_add(total, point)
    return total


@settings(max_examples=20, deadline=None)
@given(scalar=st.integers(0, 2**128 - 1), eighths=st.integers(0, 7), pure=st.booleans())
def test_any_point_is_multiplied_as_by_adding(scalar: int, eighths: int, pure: bool) -> None:
    point = IDENTITY if pure else KEY
    for _ in range(eighths):
        point = bindings.crypto_core_ed25519_add(point, ORDER_8)
    assert vrf._multiply(scalar, point) == slow_multiple(scalar, point)
