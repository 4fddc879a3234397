"""Fingerprints of keys, made to be read aloud and compared by two people.  公钥指纹

Thirty digits in six groups: a voice on the telephone does not confuse digits, in any dialect, as
it does letters.
"""

from huiquan.domain.hashes import tagged_hash

GROUPS = 6
_GROUP_BYTES = 5


def fingerprint_of(key: bytes) -> str:
    """Six groups of five digits that stand for a public key of 32 bytes.

    Each group is five bytes of H("print", key) modulo 100,000. Who wants another key with the
    same digits has to try about 10^30 of them.
    """
    digest = tagged_hash("print", key)
    parts = (digest[at : at + _GROUP_BYTES] for at in range(0, GROUPS * _GROUP_BYTES, _GROUP_BYTES))
    return " ".join(f"{int.from_bytes(part, 'big') % 100_000:05}" for part in parts)
