"""Provable randomness: a number only its signer can make, and anyone can check.  可验证随机函数

ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381 (suite 0x03), with the public key validated. For one key
and one question there is exactly one answer, so a signer can refuse but cannot choose.
"""

import hashlib
from functools import lru_cache

from nacl import bindings

from huiquan.domain.rounds import PROOF_BYTES

SUITE = b"\x03"
OUTPUT_BYTES = 64
_POINT, _CHALLENGE = 32, 16
_FIELD = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_IDENTITY = (1).to_bytes(_POINT, "little")
_ONE_EIGHTH = pow(8, -1, _ORDER)


def seal_alpha(role: str, seal_hash: bytes) -> bytes:
    """The question put to a signer about a seal. role: "N" for the notary, "W" the auditor."""
    return b"lotto/v1/vrf/" + role.encode("ascii") + b"\x00" + seal_hash


def public_key(seed: bytes) -> bytes:
    """The public key of a 32-byte secret seed, the same as the Ed25519 key (RFC 8032)."""
    return bindings.crypto_sign_seed_keypair(seed)[0]


def prove(seed: bytes, alpha: bytes) -> bytes:
    """The 80-byte proof for a question: the point Gamma, the challenge, the response."""
    expanded = hashlib.sha512(seed).digest()
    clamped = bytearray(expanded[:32])
    clamped[0] &= 248
    clamped[31] = (clamped[31] & 127) | 64
    secret = int.from_bytes(clamped, "little") % _ORDER
    key = public_key(seed)
    base = _encode_to_curve(key, alpha)
    gamma = _multiply(secret, base)
    nonce = int.from_bytes(hashlib.sha512(expanded[32:] + base).digest(), "little") % _ORDER
    challenge = _challenge(key, base, gamma, _multiply_generator(nonce), _multiply(nonce, base))
    response = (nonce + challenge * secret) % _ORDER
    return gamma + challenge.to_bytes(_CHALLENGE, "little") + response.to_bytes(32, "little")


def verify(key: bytes, alpha: bytes, proof: bytes) -> bytes | None:
    """The 64-byte output beta if the proof holds for this key and question, else nothing."""
    if len(key) != _POINT or len(proof) != PROOF_BYTES or not is_valid_key(key):
        return None
    gamma = proof[:_POINT]
    challenge = int.from_bytes(proof[_POINT : _POINT + _CHALLENGE], "little")
    response = int.from_bytes(proof[_POINT + _CHALLENGE :], "little")
    cleared = _times_eight(gamma)
    if response >= _ORDER or cleared is None:
        return None
    base = _encode_to_curve(key, alpha)
    u = _subtract(_multiply_generator(response), _multiply(challenge, key))
    v = _subtract(_multiply(response, base), _multiply(challenge, gamma))
    if _challenge(key, base, gamma, u, v) != challenge:
        return None
    return _output(cleared)


def proof_to_hash(proof: bytes) -> bytes:
    """The output beta of a proof that has been verified, or that we made ourselves.

    Refuses (ValueError) bytes that hold no point; on its own it proves nothing.
    """
    cleared = _times_eight(proof[:_POINT])
    if len(proof) != PROOF_BYTES or cleared is None:
        raise ValueError("these bytes are no proof")
    return _output(cleared)


# A day's proofs come from two keys; asking once is enough.
@lru_cache(maxsize=64)
def is_valid_key(key: bytes) -> bool:
    """RFC 9381 section 5.4.5: the key is a point, and not one of the few without a secret."""
    cleared = _times_eight(key)
    return cleared is not None and cleared != _IDENTITY


def _output(cleared: bytes) -> bytes:
    """RFC 9381 section 5.2: the hash of eight times Gamma."""
    return hashlib.sha512(SUITE + b"\x03" + cleared + b"\x00").digest()


def _encode_to_curve(key: bytes, alpha: bytes) -> bytes:
    """RFC 9381 section 5.4.1.1: try and increment until the hash is a point."""
    for counter in range(256):
        text = SUITE + b"\x01" + key + alpha + bytes((counter,)) + b"\x00"
        point = _times_eight(hashlib.sha512(text).digest()[:_POINT])
        if point is not None and point != _IDENTITY:
            return point
    raise AssertionError("256 hashes in a row were no point: chance 2^-256")


def _challenge(*points: bytes) -> int:
    """RFC 9381 section 5.4.3: the first 16 bytes of the hash over five points."""
    text = SUITE + b"\x02" + b"".join(points) + b"\x00"
    return int.from_bytes(hashlib.sha512(text).digest()[:_CHALLENGE], "little")


def _times_eight(point: bytes) -> bytes | None:
    """Eight times a point, or nothing if the bytes are no point of the curve (RFC 8032 5.1.3)."""
    y = int.from_bytes(point, "little") & (2**255 - 1)
    if len(point) != _POINT or y >= _FIELD or (y in (1, _FIELD - 1) and point[31] & 128):
        return None
    try:
        for _ in range(3):
            point = bindings.crypto_core_ed25519_add(point, point)
    except RuntimeError:
        return None
    return point


def _multiply_generator(scalar: int) -> bytes:
    """scalar times the curve's base point; the library refuses zero, so zero is said here."""
    if scalar == 0:
        return _IDENTITY
    return bindings.crypto_scalarmult_ed25519_base_noclamp(scalar.to_bytes(32, "little"))


def _multiply(scalar: int, point: bytes) -> bytes:
    """scalar times any point of the curve, scalar below the group order.

    The library multiplies points of the prime-order group only. Any other point is the sum of
    such a point and one of order 8 or less; the two parts are multiplied apart, so that proofs
    which the RFC accepts are accepted here too, and no others.
    """
    if scalar == 0:
        return _IDENTITY
    try:
        return bindings.crypto_scalarmult_ed25519_noclamp(scalar.to_bytes(32, "little"), point)
    except RuntimeError:
        cleared = _times_eight(point)
    assert cleared is not None, "only points reach a multiplication"
    main, small = _IDENTITY, point
    if cleared != _IDENTITY:
        eighth = _ONE_EIGHTH.to_bytes(32, "little")
        whole = bindings.crypto_scalarmult_ed25519_noclamp(eighth, cleared)
        small = _subtract(point, whole)
        main = bindings.crypto_scalarmult_ed25519_noclamp(scalar.to_bytes(32, "little"), whole)
    for _ in range(scalar % 8):
        main = bindings.crypto_core_ed25519_add(main, small)
    return main


def _subtract(left: bytes, right: bytes) -> bytes:
    """One point less another."""
    difference: bytes = bindings.crypto_core_ed25519_sub(left, right)
    return difference
