"""The vault: personal data are locked up row by row, and found again without being read.  加密存储

Each row has a key of its own, which is locked with the newest master key; AES-256-GCM both times.
A row opens only in the context it was sealed for (its table and id), so that rows cannot be
swapped. When a new master key comes, old rows still open and new ones use the new key.

    1:u8 | master version:u16 | nonce(12) | row key, locked (48) | nonce(12) | fields, locked
"""

import hmac
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from huiquan.gateways.faults import OutsiderFault


class Vault(Protocol):
    """Whoever keeps personal data locked (requirement R2.1; threat: a stolen database)."""

    def seal(self, fields: Mapping[str, str], context: bytes) -> bytes:
        """Lock named texts for one context."""
        ...

    def open(self, sealed: bytes, context: bytes) -> dict[str, str]:
        """Unlock them. Raises OutsiderFault for another context, altered bytes, a lost key."""
        ...

    def index(self, kind: str, text: str) -> bytes:
        """The keyed hash by which a text is found again, 32 bytes; equal texts, equal hashes."""
        ...


_VERSION = 1
_HEAD = struct.Struct(">BH")
_NONCE = 12
_LOCKED_KEY = 32 + 16
_FIELDS_AT = _HEAD.size + _NONCE + _LOCKED_KEY
_NAME = "vault"


@dataclass(frozen=True, kw_only=True)
class KeyVault:
    """A vault whose keys are in this process: master keys by version, and the lookup key."""

    master: Mapping[int, bytes]
    lookup: bytes
    random_bytes: Callable[[int], bytes]

    def seal(self, fields: Mapping[str, str], context: bytes) -> bytes:
        """Lock named texts under a fresh row key, and that under the newest master key."""
        newest = max(self.master)
        head = _HEAD.pack(_VERSION, newest)
        row_key = self.random_bytes(32)
        key_nonce, nonce = self.random_bytes(_NONCE), self.random_bytes(_NONCE)
        locked_key = AESGCM(self.master[newest]).encrypt(key_nonce, row_key, head + context)
        text = msgspec.json.encode(dict(fields))
        locked = AESGCM(row_key).encrypt(nonce, text, head + context)
        return head + key_nonce + locked_key + nonce + locked

    def open(self, sealed: bytes, context: bytes) -> dict[str, str]:
        """Unlock the texts. Raises OutsiderFault rather than give anything that was altered."""
        if len(sealed) < _FIELDS_AT + _NONCE:
            raise OutsiderFault(_NAME, "too short")
        head = sealed[: _HEAD.size]
        version, master_version = _HEAD.unpack(head)
        if version != _VERSION or master_version not in self.master:
            raise OutsiderFault(_NAME, "no key for this version")
        key_nonce = sealed[_HEAD.size : _HEAD.size + _NONCE]
        locked_key = sealed[_HEAD.size + _NONCE : _FIELDS_AT]
        nonce, locked = sealed[_FIELDS_AT:][:_NONCE], sealed[_FIELDS_AT + _NONCE :]
        try:
            row_key = AESGCM(self.master[master_version]).decrypt(
                key_nonce, locked_key, head + context
            )
            text = AESGCM(row_key).decrypt(nonce, locked, head + context)
        except InvalidTag as error:
            raise OutsiderFault(_NAME, "altered, or not of this context") from error
        return msgspec.json.decode(text, type=dict[str, str])

    def index(self, kind: str, text: str) -> bytes:
        """HMAC-SHA256 of a text, apart for each kind (a phone is never found among documents)."""
        return hmac.digest(self.lookup, f"index\0{kind}\0{text}".encode(), "sha256")
