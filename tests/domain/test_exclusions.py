"""The exclusion list: one spelling, one hash.  排除名单"""

import hashlib

from huiquan.domain.config_making import NO_EXCLUSIONS
from huiquan.domain.exclusions import exclusion_list, exclusion_list_hash

FIRST, SECOND = b"\x01" * 32, b"\xab" * 32


def test_the_list_holds_each_key_once_in_order_whoever_wrote_it() -> None:
    kept = exclusion_list([SECOND, FIRST, SECOND])
    assert kept == b"01" * 32 + b"\n" + b"ab" * 32 + b"\n"
    assert exclusion_list_hash(kept) == hashlib.sha256(kept).hexdigest()


def test_the_empty_list_has_no_bytes() -> None:
    assert exclusion_list([]) == b""
    assert exclusion_list_hash(b"") == NO_EXCLUSIONS
