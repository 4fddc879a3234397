"""What a signer is asked travels whole, and nothing else is read.  签发请求"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.rounds import BadRecordError
from huiquan.domain.seal_requests import SealRequest, decode_request, encode_request

requests = st.builds(
    SealRequest,
    seal=st.binary(max_size=400),
    signature=st.binary(min_size=64, max_size=64),
    entries=st.binary(max_size=400),
    previous_final=st.none() | st.binary(min_size=1, max_size=700),
    pi_notary=st.none() | st.binary(min_size=1, max_size=80),
)


@given(request=requests)
def test_a_request_is_read_as_it_was_written(request: SealRequest) -> None:
    assert decode_request(encode_request(request)) == request


@given(request=requests, cut=st.integers(1, 500))
def test_a_request_that_ends_too_early_is_refused(request: SealRequest, cut: int) -> None:
    whole = encode_request(request)
    head = len(whole) - len(request.entries)
    with pytest.raises(BadRecordError):
        decode_request(whole[: max(0, head - cut)])


@pytest.mark.parametrize("raw", [b"", b"\2" + bytes(200), b"{}"])
def test_another_version_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRecordError):
        decode_request(raw)


def test_a_signature_of_another_length_is_not_sent() -> None:
    with pytest.raises(BadRecordError):
        encode_request(SealRequest(seal=b"s", signature=b"short", entries=b""))
