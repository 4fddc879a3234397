"""Signatures: who said exactly this, and for which purpose.  数字签名

Ed25519 (RFC 8032). Every signed text names its purpose first, so that a signature given for one
thing cannot be shown as a signature for another. The notary's and the auditor's key also makes
their provable random numbers; those use hashes of 32-byte points, so no text of exactly 32 bytes
is ever signed here.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from nacl import bindings
from nacl.exceptions import BadSignatureError

KEY_BYTES = 32
SIGNATURE_BYTES = 64


class Purpose(StrEnum):
    """What a signature may be for."""

    CONFIG_BY_PLATFORM = "config/platform"
    CONFIG_BY_APPROVER = "config/approver"
    SEAL = "seal"
    ENTRY_RECEIPT = "receipt/entry"
    MANIFEST = "manifest"
    REGISTER = "register"
    STATUS = "status"
    EPOCH = "epoch"


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Someone who can sign: the public key, and the secret that is never shown."""

    key: bytes
    secret: bytes = field(repr=False)

    def sign(self, purpose: Purpose, message: bytes) -> bytes:
        """The 64-byte signature for one purpose; the same message always gives the same one."""
        return self.sign_text(purposeful(purpose, message))

    def sign_text(self, text: bytes) -> bytes:
        """Sign a text whose own format says what it is for, such as a checkpoint."""
        assert len(text) != KEY_BYTES, "a text of 32 bytes could be a point of the curve"
        signed: bytes = bindings.crypto_sign(text, self.secret)
        return signed[:SIGNATURE_BYTES]


def signer_from(seed: bytes) -> Signer:
    """The signer behind a 32-byte secret seed."""
    key, secret = bindings.crypto_sign_seed_keypair(seed)
    return Signer(key=key, secret=secret)


def purposeful(purpose: Purpose, message: bytes) -> bytes:
    """The bytes that are signed: "lotto/v1/", the purpose, a zero byte, the message."""
    return b"lotto/v1/" + purpose.encode("ascii") + b"\x00" + message


def is_signed(key: bytes, purpose: Purpose, message: bytes, signature: bytes) -> bool:
    """True if the holder of this key signed this message for this purpose."""
    return is_text_signed(key, purposeful(purpose, message), signature)


def is_text_signed(key: bytes, text: bytes, signature: bytes) -> bool:
    """True if the holder of this key signed exactly this text."""
    if len(key) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        bindings.crypto_sign_open(signature + text, key)
    except BadSignatureError:
        return False
    return True
