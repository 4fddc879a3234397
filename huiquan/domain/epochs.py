"""A new epoch: a signer's key that is lost is declared, and another takes its place.  换钥

    old key --lost--> draft --the other signer signs--> --the new key signs--> declared, in the log
            --12 hours' notice--> the new key signs rounds

Once a campaign. The declaration says where each lane goes on, so the new key draws exactly the
entries that the old one never drew; lanes, entry numbers and round numbers go on without a gap.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
import rfc8785
from msgspec import Meta

from huiquan.domain import checkpoints
from huiquan.domain.checkpoints import SignedNote
from huiquan.domain.draw_config import (
    DayPlan,
    DrawConfig,
    Hex32,
    Keys,
    Log,
    Moment,
    Name,
    Signature,
    canonical,
)
from huiquan.domain.hashes import ZERO_HASH, tagged_hash
from huiquan.domain.signing import Purpose, is_signed
from huiquan.domain.vrf import is_valid_key

FORMAT = "huiquan/epoch-declaration/1"
EPOCH: Final = 1  # at most one change in a campaign: 0 is the first epoch, 1 the last
LEAF_VERSION = 2
LEAF_BYTES = 225
REASON_MAX = 400

Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
LaneNo = Annotated[int, Meta(ge=0, le=65535)]


class BadDeclarationError(ValueError):
    """The bytes are no declaration in canonical form, or one that contradicts itself."""


class LaneStart(NamedTuple):
    """Where a lane goes on: its next round, its first entry never drawn, its last drawn seal."""

    next_seq: Count
    next_idx: Count
    last_seal_hash: Hex32


class VoidSeal(NamedTuple):
    """A seal that was never drawn, and never will be: its entries are sealed again."""

    lane: LaneNo
    seal_hash: Hex32


@dataclass(frozen=True, kw_only=True)
class LogHead:
    """How long the public log was before the declaration, which is its next entry."""

    size: Count
    root: Hex32


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What is declared: whose key is lost, which key follows, and where every lane goes on.

    keys are those of the epoch that ends; epoch_start is the hash of the campaign's first config,
    which goes on giving people their lanes.
    """

    format: Annotated[str, Meta(pattern=rf"^{FORMAT}(?!\n)$")] = FORMAT
    campaign: Name
    platform: Name
    epoch: Literal[1] = EPOCH
    epoch_start: Hex32
    role: Literal["notary", "auditor"]
    keys: Keys
    new_key: Hex32
    reason: Annotated[str, Meta(min_length=1, max_length=REASON_MAX)]
    declared_at: Moment
    log: LogHead
    lanes: tuple[LaneStart, ...]
    voided: tuple[VoidSeal, ...]

    @property
    def series(self) -> str:
        """The campaign on one platform."""
        return f"{self.campaign}/{self.platform}"

    @property
    def survivor(self) -> str:
        """The role of the signer whose key is not lost."""
        return "auditor" if self.role == "notary" else "notary"

    @property
    def old_key(self) -> str:
        """The key that is lost, in hex."""
        return str(getattr(self.keys, self.role))

    @property
    def keys_after(self) -> Keys:
        """Whose word counts in the new epoch."""
        return replace(self.keys, **{self.role: self.new_key})


@dataclass(frozen=True, kw_only=True)
class EpochSignatures:
    """Who says so: the platform, the signer that is still there, and the new key itself."""

    platform: bytes
    survivor: bytes
    successor: bytes


@dataclass(frozen=True, kw_only=True)
class DeclaredEpoch:
    """A declaration with its exact bytes, their hash, and the three signatures."""

    declaration: Declaration
    raw: bytes
    signatures: EpochSignatures

    @property
    def hash(self) -> bytes:
        """What is signed, and what each lane's first link of the epoch names."""
        return declaration_hash_of(self.raw)


class EpochFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """epoch.json, as it is published, exported and carried in a proof."""

    declaration: str
    platform: Signature
    survivor: Signature
    successor: Signature


def encode_declaration(declaration: Declaration) -> bytes:
    """The canonical bytes of a declaration."""
    return canonical(declaration)


def decode_declaration(raw: bytes) -> Declaration:
    """The declaration behind these bytes.

    Refuses (BadDeclarationError) any other spelling, and one that contradicts itself: a new key
    that somebody has already or that proves nothing, a lane that is voided twice or does not exist.
    """
    try:
        declaration = msgspec.json.decode(raw, type=Declaration)
        spelled = encode_declaration(declaration)
    except (msgspec.DecodeError, rfc8785.CanonicalizationError, UnicodeDecodeError) as error:
        raise BadDeclarationError(f"not a declaration: {error}") from error
    if spelled != raw:
        raise BadDeclarationError("not in canonical form, or with fields nobody knows")
    keys = declaration.keys
    if declaration.new_key in (keys.platform, keys.approver, keys.notary, keys.auditor):
        raise BadDeclarationError("the new key is one that somebody has already")
    if not is_valid_key(bytes.fromhex(declaration.new_key)):
        raise BadDeclarationError("the new key is not a valid key")
    voided = [one.lane for one in declaration.voided]
    if sorted(set(voided)) != voided or any(one >= len(declaration.lanes) for one in voided):
        raise BadDeclarationError("voided lanes ascend, each once, and exist")
    zero = ZERO_HASH.hex()
    for lane in declaration.lanes:
        if (lane.next_seq == 0) != (lane.last_seal_hash == zero):
            raise BadDeclarationError("a lane without a round has no last seal, any other has one")
        if (lane.next_seq == 0) != (lane.next_idx == 0):
            raise BadDeclarationError("a lane without a round begins with its first entry")
    return declaration


def declaration_hash_of(raw: bytes) -> bytes:
    """H("decl", bytes)."""
    return tagged_hash("decl", raw)


def voided_in(declaration: Declaration, lane: int) -> bytes | None:
    """The hash of the lane's seal that was never drawn, or None."""
    found = (bytes.fromhex(one.seal_hash) for one in declaration.voided if one.lane == lane)
    return next(found, None)


def first_link(declaration: Declaration, declaration_hash: bytes, lane: int) -> bytes:
    """What the lane's first seal of the new epoch names as the one before it.

    H("epoch", declaration hash, lane, last drawn seal); 32 zero bytes in a lane without a round.
    """
    start = declaration.lanes[lane]
    if start.next_seq == 0:
        return ZERO_HASH
    last = bytes.fromhex(start.last_seal_hash)
    return tagged_hash("epoch", declaration_hash + lane.to_bytes(2, "big") + last)


def is_declared(declared: DeclaredEpoch) -> bool:
    """True if platform, remaining signer and new key all signed this declaration."""
    said, signed = declared.declaration, declared.signatures
    return (
        is_declaration_signed(said.keys.platform, declared.hash, signed.platform)
        and is_declaration_signed(
            str(getattr(said.keys, said.survivor)), declared.hash, signed.survivor
        )
        and is_declaration_signed(said.new_key, declared.hash, signed.successor)
    )


def is_declaration_signed(key: str, declaration_hash: bytes, signature: bytes) -> bool:
    """True if the holder of this key (hex) signed this declaration."""
    return is_signed(bytes.fromhex(key), Purpose.EPOCH, declaration_hash, signature)


def encode_epoch(declared: DeclaredEpoch) -> bytes:
    """epoch.json: the declaration as text, and the three signatures."""
    signed = declared.signatures
    return canonical(
        {
            "declaration": declared.raw.decode(),
            "platform": signed.platform.hex(),
            "survivor": signed.survivor.hex(),
            "successor": signed.successor.hex(),
        }
    )


def decode_epoch(raw: bytes) -> DeclaredEpoch:
    """The declared epoch behind epoch.json. Refuses (BadDeclarationError) what is none.

    Whether the signatures hold is for `is_declared`.
    """
    try:
        file = msgspec.json.decode(raw, type=EpochFile)
    except msgspec.DecodeError as error:
        raise BadDeclarationError(f"not an epoch file: {error}") from error
    return declared_from(file)


def declared_from(file: EpochFile) -> DeclaredEpoch:
    """The declared epoch behind its text and signatures in hex. Refuses (BadDeclarationError)."""
    body = file.declaration.encode()
    return DeclaredEpoch(
        declaration=decode_declaration(body),
        raw=body,
        signatures=EpochSignatures(
            platform=bytes.fromhex(file.platform),
            survivor=bytes.fromhex(file.survivor),
            successor=bytes.fromhex(file.successor),
        ),
    )


def leaf_of(declared: DeclaredEpoch) -> bytes:
    """The declaration as one entry of the public log: 0x02, its hash, the three signatures."""
    signed = declared.signatures
    return (
        bytes((LEAF_VERSION,))
        + declared.hash
        + signed.platform
        + signed.survivor
        + signed.successor
    )


def is_declaration_leaf(leaf: bytes) -> bool:
    """True for an entry of the log that is a declaration and no round."""
    return len(leaf) == LEAF_BYTES and leaf[0] == LEAF_VERSION


def log_after(log: Log, declaration: Declaration) -> Log:
    """Who witnesses the log in the new epoch: the new key in the place of the lost one."""
    return _exchanged(log, declaration.old_key, declaration.new_key)


def log_before(log: Log, declaration: Declaration) -> Log:
    """Who witnessed the log in the epoch that ended."""
    return _exchanged(log, declaration.new_key, declaration.old_key)


def _exchanged(log: Log, key: str, other: str) -> Log:
    witnesses = tuple(replace(one, key=other) if one.key == key else one for one in log.witnesses)
    return replace(log, witnesses=witnesses)


def witnesses_at(log: Log, declared: DeclaredEpoch | None, size: int) -> Log:
    """Who witnesses the log at a size: the lost key before the declaration, the new one behind."""
    if declared is None:
        return log
    said = declared.declaration
    return log_after(log, said) if size > said.log.size else log_before(log, said)


def is_cosigned_by_the_lost_key(
    note: SignedNote, log: Log, declared: DeclaredEpoch | None, size: int
) -> bool:
    """True if the lost key cosigned a checkpoint that holds the declaration of its loss."""
    if declared is None or size <= declared.declaration.log.size:
        return False
    old = bytes.fromhex(declared.declaration.old_key)
    return any(checkpoints.cosigned_at(note, one.name, old) for one in log.witnesses)


def succeed(
    config: DrawConfig,
    declaration: Declaration,
    days: Mapping[int, DayPlan],
    published_at: datetime,
    active_from: datetime,
) -> DrawConfig:
    """The config that takes over days of another in the new epoch: the same chances and stock.

    Only epoch, keys, the log's witnesses and the times differ, so nobody can choose anything.
    """
    return replace(
        config,
        epoch=declaration.epoch,
        epoch_start=declaration.epoch_start,
        keys=declaration.keys_after,
        log=log_after(config.log, declaration),
        published_at=published_at,
        active_from=active_from,
        days=dict(days),
    )


def leads_to(declaration: Declaration, config: DrawConfig) -> bool:
    """True if a config is one of the epoch that this declaration began."""
    told = (config.campaign, config.platform, config.epoch, config.epoch_start, config.lanes)
    declared = (
        declaration.campaign,
        declaration.platform,
        declaration.epoch,
        declaration.epoch_start,
        len(declaration.lanes),
    )
    return told == declared and config.keys == declaration.keys_after


def leads_from(declaration: Declaration, config: DrawConfig) -> bool:
    """True if a config is one of the epoch that this declaration ended."""
    told = (config.campaign, config.platform, config.epoch, config.lanes)
    ended = (
        declaration.campaign,
        declaration.platform,
        declaration.epoch - 1,
        len(declaration.lanes),
    )
    return told == ended and config.keys == declaration.keys
