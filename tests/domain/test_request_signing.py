"""Signed requests: exactly these bytes, by this key, in this way, within five minutes."""

import base64
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.days import SHANGHAI
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import (
    KEY,
    NONCE,
    SIGNATURE,
    TIME,
    Algorithm,
    PartnerKey,
    SignedHead,
    decide_signature,
    read_head,
    read_public_key,
    text_to_sign,
    time_in_ms,
)
from tests.acquirers import Secret, pem_of, signature_of
from tests.tables import rows

NOW = datetime(2026, 2, 6, 10, 30, tzinfo=SHANGHAI)
ED = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RSA = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
SECRETS: dict[Algorithm, Secret] = {
    Algorithm.ED25519: ED,
    Algorithm.RSA_PSS: RSA,
    Algorithm.RSA_PKCS1: RSA,
}
BODY = b'{"order_ref":"o-1"}'


def key(algorithm: Algorithm = Algorithm.ED25519, **changes: object) -> PartnerKey:
    der = read_public_key(pem_of(SECRETS[algorithm]), algorithm)
    assert isinstance(der, bytes)
    fields = {
        "key_id": "k-1",
        "acquirer_id": 1,
        "algorithm": algorithm,
        "public_key": der,
        "valid_from": NOW - timedelta(days=1),
    }
    return PartnerKey(**{**fields, **changes})  # type: ignore[arg-type]


def text(at: datetime = NOW, method: str = "POST", target: str = "/a?b=1", body: bytes = BODY):  # type: ignore[no-untyped-def]
    return text_to_sign(method, target, time_in_ms(at), "n" * 16, body)


def head(signature: bytes, at: datetime = NOW) -> SignedHead:
    found = read_head(
        {
            KEY: "k-1",
            TIME: time_in_ms(at),
            NONCE: "n" * 16,
            SIGNATURE: base64.b64encode(signature).decode(),
        }
    )
    assert isinstance(found, SignedHead)
    return found


def test_the_signed_text_is_six_lines() -> None:
    said = text_to_sign("POST", "/acquirer/v1/locks", "1770345000000", "0123456789abcdef", b"{}")
    assert said.decode() == (
        "huiquan-request/1\nPOST\n/acquirer/v1/locks\n1770345000000\n0123456789abcdef\n"
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\n"
    )


@pytest.mark.parametrize("algorithm", Algorithm)
def test_each_way_of_signing_is_believed_for_a_key_of_that_way_alone(algorithm: Algorithm) -> None:
    signature = signature_of(SECRETS[algorithm], algorithm, text())
    assert decide_signature(head(signature), key(algorithm), text(), now=NOW) is None
    for other in set(Algorithm) - {algorithm}:
        verdict = decide_signature(head(signature), key(other), text(), now=NOW)
        assert verdict is Refusal.SIGNATURE_WRONG


TIMES = rows("""
    sent          verdict
    -301 s        request_stale
    -300 s        -
    0 s           -
    300 s         -
    301 s         request_stale
""")


@pytest.mark.parametrize("case", TIMES, ids=lambda case: case["sent"])
def test_a_request_is_good_for_five_minutes_either_way(case: dict[str, str]) -> None:
    at = NOW + timedelta(seconds=int(case["sent"].split()[0]))
    signed = text(at)
    verdict = decide_signature(head(ED.sign(signed), at), key(), signed, now=NOW)
    assert (verdict.value if verdict else "") == case["verdict"]


KEYS = rows("""
    from   until   revoked   verdict
    -1     -       -         -
    0      -       -         -
    1      -       -         key_out_of_date
    -2     0       -         key_out_of_date
    -2     1       -         -
    -2     -       0         key_out_of_date
    -2     5       1         -
""")


@pytest.mark.parametrize("case", KEYS, ids=lambda case: "/".join(case.values()))
def test_a_key_is_good_from_its_beginning_to_its_end_unless_revoked(case: dict[str, str]) -> None:
    def at(hours: str) -> datetime | None:
        return NOW + timedelta(hours=int(hours)) if hours else None

    known = key(
        valid_from=at(case["from"]), valid_until=at(case["until"]), revoked_at=at(case["revoked"])
    )
    verdict = decide_signature(head(ED.sign(text())), known, text(), now=NOW)
    assert (verdict.value if verdict else "") == case["verdict"]


def test_an_unknown_key_is_named_as_such() -> None:
    verdict = decide_signature(head(ED.sign(text())), None, text(), now=NOW)
    assert verdict is Refusal.KEY_UNKNOWN


@given(
    what=st.sampled_from(["method", "target", "body", "time"]),
    other=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12),
)
def test_a_signature_is_for_exactly_these_bytes(what: str, other: str) -> None:
    changed = {
        "method": lambda: text(method=other),
        "target": lambda: text(target=other),
        "body": lambda: text(body=other.encode()),
        "time": lambda: text(at=NOW + timedelta(milliseconds=len(other))),
    }[what]()
    verdict = decide_signature(head(ED.sign(text())), key(), changed, now=NOW)
    assert (verdict is None) == (changed == text())


@given(where=st.integers(0, 511), algorithm=st.sampled_from(list(Algorithm)))
def test_no_bit_of_a_signature_may_differ(where: int, algorithm: Algorithm) -> None:
    raw = bytearray(signature_of(SECRETS[algorithm], algorithm, text()))
    raw[where // 8 % len(raw)] ^= 1 << where % 8
    verdict = decide_signature(head(bytes(raw)), key(algorithm), text(), now=NOW)
    assert verdict is Refusal.SIGNATURE_WRONG


MISSHAPEN = rows("""
    header              value
    huiquan-key         -
    huiquan-key         a key
    huiquan-time        123
    huiquan-time        17703450000OO
    huiquan-nonce       short
    huiquan-nonce       nnnnnnnnnnnnnnn!
    huiquan-signature   -
    huiquan-signature   ====
""")


@pytest.mark.parametrize("case", MISSHAPEN, ids=lambda case: case["header"] + case["value"])
def test_a_misshapen_header_is_no_signature(case: dict[str, str]) -> None:
    whole = {
        KEY: "k-1",
        TIME: time_in_ms(NOW),
        NONCE: "n" * 16,
        SIGNATURE: base64.b64encode(bytes(64)).decode(),
    }
    assert isinstance(read_head(whole), SignedHead)
    assert read_head({**whole, case["header"]: case["value"]}) is Refusal.SIGNATURE_WRONG


def test_weak_strange_and_private_keys_are_not_registered() -> None:
    weak = rsa.generate_private_key(public_exponent=65_537, key_size=1024)
    odd = rsa.generate_private_key(public_exponent=3, key_size=2048)
    curve = ec.generate_private_key(ec.SECP256R1())
    for secret in (weak, odd):
        assert read_public_key(pem_of(secret), Algorithm.RSA_PSS) is Refusal.BAD_KEY
    assert read_public_key(pem_of(curve), Algorithm.RSA_PSS) is Refusal.BAD_KEY  # type: ignore[arg-type]
    assert read_public_key(pem_of(ED), Algorithm.RSA_PSS) is Refusal.BAD_KEY
    assert read_public_key(pem_of(RSA), Algorithm.ED25519) is Refusal.BAD_KEY
    assert read_public_key(b"-----BEGIN PRIVATE KEY-----", Algorithm.ED25519) is Refusal.BAD_KEY
