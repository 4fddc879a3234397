"""Tagged hashes: one fingerprint function, so that no two uses can be confused.  带标签的哈希"""

import hashlib

HASH_BYTES = 32
ZERO_HASH = bytes(HASH_BYTES)

_BLOCK = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def tagged_hash(tag: str, *parts: bytes) -> bytes:
    """H(tag, x...) = SHA-256(len(tag) as one byte, tag, x...), 32 bytes.

    The tag stands first with its length, so a fingerprint made for one purpose never equals
    one made for another.
    """
    return start_of_tagged(tag, *parts).digest()


def start_of_tagged(tag: str, *parts: bytes) -> "hashlib._Hash":
    """The fingerprint while more parts may follow: what many have in common is hashed once."""
    name = tag.encode("ascii")
    return hashlib.sha256(bytes((len(name),)) + name + b"".join(parts))


class KeyedHash:
    """HMAC-SHA256 (RFC 2104) under one key: what depends on the key alone is hashed once.

    `hmac.digest` begins anew with every message, which takes longer than a short message itself.
    """

    def __init__(self, key: bytes) -> None:
        block = (key if len(key) <= _BLOCK else hashlib.sha256(key).digest()).ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(block.translate(_INNER))
        self._outer = hashlib.sha256(block.translate(_OUTER))

    def of(self, message: bytes) -> bytes:
        """The 32 bytes that nobody can make without the key."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


def leading_u64(digest: bytes) -> int:
    """The first 8 bytes of a fingerprint as a whole number, 0 to 2^64 - 1."""
    return int.from_bytes(digest[:8], "big")
