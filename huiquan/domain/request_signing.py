"""Signed requests: how an acquirer's machine and this house know each other.  请求签名

The same text is signed in both directions: an acquirer signs what it asks with a key of its own,
the house signs its callbacks with the platform's.

    huiquan-request/1 ⏎ METHOD ⏎ /path?query ⏎ time in ms ⏎ nonce ⏎ SHA-256 of the body, hex ⏎

The first line says what the signature is for, so none given elsewhere is one here. Time and nonce
bound a replay: a request is good for five minutes, and within them its nonce counts once. A key
belongs to one way of signing, chosen when it was registered, never by the request.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from huiquan.domain.refusals import Refusal

FORMAT = "huiquan-request/1"
WINDOW = timedelta(minutes=5)
"""How far a request's time may lie before or after ours."""

KEY, TIME, NONCE, SIGNATURE = (
    "huiquan-key",
    "huiquan-time",
    "huiquan-nonce",
    "huiquan-signature",
)
"""The four headers of a signed request."""

WANTED = {
    KEY: ("密钥编号，1 至 64 位字母、数字、._-", "the key's name, 1 to 64 letters, digits, . _ -"),
    TIME: ("1970 年以来的毫秒数，13 位数字", "milliseconds since 1970, 13 digits"),
    NONCE: ("随机串，16 至 64 位字母、数字、_-", "a random text, 16 to 64 letters, digits, _ -"),
    SIGNATURE: ("签名的 Base64，不换行", "the signature in base64, on one line"),
}
"""What has to stand in each header, in Chinese and English."""

RSA_BITS_MIN, RSA_BITS_MAX = 2048, 4096
_SHAPES = {
    KEY: re.compile(r"[A-Za-z0-9._-]{1,64}"),
    TIME: re.compile(r"[0-9]{13}"),
    NONCE: re.compile(r"[A-Za-z0-9_-]{16,64}"),
    SIGNATURE: re.compile(r"[A-Za-z0-9+/=]{80,700}"),
}


class Algorithm(StrEnum):
    """The ways of signing a key may be registered for."""

    ED25519 = "ed25519"
    RSA_PSS = "rsa-pss-sha256"
    RSA_PKCS1 = "rsa-pkcs1-sha256"


@dataclass(frozen=True, kw_only=True)
class PartnerKey:
    """A public key of an acquirer's (SubjectPublicKeyInfo, DER), and when it is good.

    Two keys of one acquirer may be good at once: that is how one takes over from the other.
    """

    key_id: str
    acquirer_id: int
    algorithm: Algorithm
    public_key: bytes
    valid_from: datetime
    valid_until: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SignedHead:
    """The four headers, well formed; nothing in them is believed yet."""

    key_id: str
    sent_at: datetime
    time_ms: str
    nonce: str
    signature: bytes

    @property
    def nonce_until(self) -> datetime:
        """How long the nonce is remembered: twice the window, for clocks that differ."""
        return self.sent_at + 2 * WINDOW


@dataclass(frozen=True, kw_only=True)
class KeptSignature:
    """What somebody signed, with the hash of the body in place of the body."""

    key_id: str
    method: str
    target: str
    time_ms: str
    nonce: str
    body_hash: bytes
    signature: bytes


def text_to_sign(method: str, target: str, time_ms: str, nonce: str, body: bytes) -> bytes:
    """The bytes that are signed; target is the path with its query, as it goes over the wire."""
    return text_over(method, target, time_ms, nonce, hashlib.sha256(body).digest())


def text_over(method: str, target: str, time_ms: str, nonce: str, body_hash: bytes) -> bytes:
    """The same for whoever has kept the hash of the body, and not the body."""
    lines = (FORMAT, method, target, time_ms, nonce, body_hash.hex(), "")
    return "\n".join(lines).encode("latin-1")


def time_in_ms(at: datetime) -> str:
    """A moment as the header carries it: whole milliseconds since 1970, 13 digits."""
    return str((at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))


def misshapen(headers: Mapping[str, str]) -> str | None:
    """The first of the four headers that is missing or misshapen; None if all can be read."""
    for name, shape in _SHAPES.items():
        if not shape.fullmatch(headers.get(name, "")):
            return name
    try:
        base64.b64decode(headers[SIGNATURE], validate=True)
    except binascii.Error:
        return SIGNATURE
    return None


def read_head(headers: Mapping[str, str]) -> SignedHead | Refusal:
    """Read the four headers. Refuses SIGNATURE_WRONG when one is `misshapen`."""
    if misshapen(headers):
        return Refusal.SIGNATURE_WRONG
    found = {name: headers[name] for name in _SHAPES}
    signature = base64.b64decode(found[SIGNATURE], validate=True)
    since_1970 = timedelta(milliseconds=int(found[TIME]))
    return SignedHead(
        key_id=found[KEY],
        sent_at=datetime(1970, 1, 1, tzinfo=UTC) + since_1970,
        time_ms=found[TIME],
        nonce=found[NONCE],
        signature=signature,
    )


def decide_signature(
    head: SignedHead, key: PartnerKey | None, text: bytes, *, now: datetime
) -> Refusal | None:
    """Say whether the holder of a key sent exactly this request, now. (T20)

    Refuses KEY_UNKNOWN, KEY_OUT_OF_DATE (not yet good, no longer good, or revoked), REQUEST_STALE
    (more than five minutes off), SIGNATURE_WRONG. That a nonce comes once is guarded where it is
    remembered (REQUEST_REPLAYED).
    """
    if key is None:
        return Refusal.KEY_UNKNOWN
    if not is_key_good(key, now):
        return Refusal.KEY_OUT_OF_DATE
    if abs(head.sent_at - now) > WINDOW:
        return Refusal.REQUEST_STALE
    return None if is_signed_with(key, text, head.signature) else Refusal.SIGNATURE_WRONG


def keep_signature(head: SignedHead, method: str, target: str, body: bytes) -> KeptSignature:
    """What is kept of a request so that its signature can be verified again."""
    return KeptSignature(
        key_id=head.key_id,
        method=method,
        target=target,
        time_ms=head.time_ms,
        nonce=head.nonce,
        body_hash=hashlib.sha256(body).digest(),
        signature=head.signature,
    )


def is_still_signed(key: PartnerKey, kept: KeptSignature) -> bool:
    """Verify a kept signature again; whether the key was good then is another question."""
    text = text_over(kept.method, kept.target, kept.time_ms, kept.nonce, kept.body_hash)
    return kept.key_id == key.key_id and is_signed_with(key, text, kept.signature)


def is_key_good(key: PartnerKey, now: datetime) -> bool:
    """True while the key may sign: from its first moment to its last, and never once revoked."""
    has_begun = key.valid_from <= now
    has_ended = key.valid_until is not None and key.valid_until <= now
    return has_begun and not has_ended and (key.revoked_at is None or now < key.revoked_at)


def is_signed_with(key: PartnerKey, text: bytes, signature: bytes) -> bool:
    """True if the holder of this key signed exactly this text, in the way the key is meant for."""
    public = _public_key(key.public_key)
    try:
        if isinstance(public, Ed25519PublicKey):
            public.verify(signature, text)
        elif isinstance(public, RSAPublicKey):
            public.verify(signature, text, _padding_of(key.algorithm), hashes.SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=256)
def _public_key(der: bytes) -> PublicKeyTypes:
    return serialization.load_der_public_key(der)


def _padding_of(algorithm: Algorithm) -> padding.AsymmetricPadding:
    if algorithm is Algorithm.RSA_PKCS1:
        return padding.PKCS1v15()
    # A salt as long as the hash, as RFC 8017 recommends; another length is another signature.
    return padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)


def read_public_key(pem: bytes, algorithm: Algorithm) -> bytes | Refusal:
    """The DER bytes of a public key in PEM. Refuses BAD_KEY.

    An Ed25519 key, or an RSA key of 2,048 to 4,096 bits with the usual exponent, and of the kind
    that the way of signing needs. A private key is refused, too: nobody should have sent it.
    """
    try:
        public = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        return Refusal.BAD_KEY
    if isinstance(public, RSAPublicKey):
        is_long_enough = RSA_BITS_MIN <= public.key_size <= RSA_BITS_MAX
        is_fit = is_long_enough and public.public_numbers().e == 65_537
        is_meant = algorithm is not Algorithm.ED25519
    else:
        is_fit = isinstance(public, Ed25519PublicKey)
        is_meant = algorithm is Algorithm.ED25519
    if not (is_fit and is_meant):
        return Refusal.BAD_KEY
    return public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
