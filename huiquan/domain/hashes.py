"""Tagged hashes: one fingerprint function, so that no two uses can be confused.  带标签的哈希"""

import hashlib

HASH_BYTES = 32
ZERO_HASH = bytes(HASH_BYTES)


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


def leading_u64(digest: bytes) -> int:
    """The first 8 bytes of a fingerprint as a whole number, 0 to 2^64 - 1."""
    return int.from_bytes(digest[:8], "big")
