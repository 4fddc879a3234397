"""Fingerprints under a key, beside the standard library's own."""

import hmac

from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.hashes import KeyedHash


@given(st.binary(max_size=200), st.lists(st.binary(max_size=300), min_size=1, max_size=3))
def test_a_keyed_hash_is_hmac_sha256_however_often_it_is_asked(
    key: bytes, messages: list[bytes]
) -> None:
    keyed = KeyedHash(key)
    for message in messages:
        assert keyed.of(message) == hmac.digest(key, message, "sha256")
