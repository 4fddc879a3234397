"""Tokens: the short signed pass that a signed-in person's device carries.  会话令牌

A token says who (a pseudonym or a staff id, never a name), at which door, in which campaign and
lane, on which device and until when. It is read without a database, in about two microseconds,
because every request of the 10:00 rush carries one.

    version:u8 | key id:u8 | door:u8 | campaign:u16 | lane:i16 | expires:u32 | device(8) | n:u8
    who(n) | mac

The mac is HMAC-SHA256 cut to 16, 17 or 18 bytes, so that the whole is a multiple of three: then
base64url has no padding and no unused bits, and a token can be written in one way only.
"""

import binascii
import hmac
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

import msgspec

from huiquan.domain.hashes import KeyedHash
from huiquan.domain.refusals import Refusal


class Door(StrEnum):
    """Which face of the house a token opens; none opens another."""

    CONSUMER = "consumer"
    TILL = "till"
    CONSOLE = "console"


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says. A Struct and not a dataclass, for the rush makes millions of them.

    who: pid of a consumer, or the id of a staff member as bytes, 1 to 64 bytes.
    device: `device_mark` of the device, 8 bytes. expires_at: to the second.
    """

    door: Door
    campaign_id: int
    lane: int
    who: bytes
    device: bytes
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class TokenKeys:
    """The signing keys by id (0 to 255). New tokens use the newest; older ones still read."""

    newest: int
    keys: Mapping[int, bytes] = field(repr=False)

    @cached_property
    def macs(self) -> dict[int, KeyedHash]:
        """The same keys, ready to sign and to read."""
        return {key_id: KeyedHash(key) for key_id, key in self.keys.items()}


_VERSION = 1
_HEAD = struct.Struct(">BBBHhI8sB")
_DOORS = tuple(Door)
_TO_URL = bytes.maketrans(b"+/", b"-_")
# Back to plain base64; its own marks become invalid, so no token has a second spelling.
_FROM_URL = bytes.maketrans(b"-_+/=", b"+/!!!")
_LONGEST = 200


def device_mark(device: str) -> bytes:
    """The 8 bytes by which a token knows its device again."""
    return sha256(b"device\0" + device.encode()).digest()[:8]


def mint_token(keys: TokenKeys, claims: Claims) -> str:
    """Write a token, signed with the newest key: 72 characters for a consumer."""
    assert 1 <= len(claims.who) <= 64
    body = (
        _HEAD.pack(
            _VERSION,
            keys.newest,
            _DOORS.index(claims.door),
            claims.campaign_id,
            claims.lane,
            int(claims.expires_at.timestamp()),
            claims.device,
            len(claims.who),
        )
        + claims.who
    )
    whole = body + keys.macs[keys.newest].of(body)[: _mac_length(len(body))]
    return binascii.b2a_base64(whole, newline=False).translate(_TO_URL).decode()


def _mac_length(body_length: int) -> int:
    """16 bytes, or one or two more where that makes the whole a multiple of three."""
    return 16 + (-body_length - 16) % 3


def read_token(keys: TokenKeys, text: str, now: datetime) -> Claims | Refusal:
    """Read a token. Refuses UNAUTHENTICATED (not ours, or altered) and TOKEN_EXPIRED."""
    if len(text) > _LONGEST:
        return Refusal.UNAUTHENTICATED
    try:
        spelt = text.encode("ascii").translate(_FROM_URL)
        whole = binascii.a2b_base64(spelt, strict_mode=True)
        head = _HEAD.unpack_from(whole)
        version, key_id, door, campaign_id, lane, expires, device, length = head
        mac_of = keys.macs[key_id].of
    except (ValueError, struct.error, KeyError):
        return Refusal.UNAUTHENTICATED
    cut = _HEAD.size + length
    mac = mac_of(whole[:cut])[: _mac_length(cut)]
    if not hmac.compare_digest(mac, whole[cut:]) or version != _VERSION:
        return Refusal.UNAUTHENTICATED
    if now.timestamp() >= expires:
        return Refusal.TOKEN_EXPIRED
    return Claims(
        door=_DOORS[door],
        campaign_id=campaign_id,
        lane=lane,
        who=whole[_HEAD.size : cut],
        device=device,
        expires_at=datetime.fromtimestamp(expires, UTC),
    )
