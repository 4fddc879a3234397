"""The draw's config: what decides a day's chances, published the evening before.  摇号配置

Canonical JSON (RFC 8785) with one hash, signed by the platform and by the department's approver.
Every seal names the hash, so nobody can change a chance after seeing who entered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any

import msgspec
import rfc8785
from msgspec import UNSET, Meta, UnsetType

from huiquan.domain.days import day_from_number, starts_at
from huiquan.domain.hashes import tagged_hash
from huiquan.domain.lottery import CERTAINTY
from huiquan.domain.signing import Purpose, Signer, is_signed
from huiquan.domain.stock import TopUp

FORMAT = "huiquan/draw-config/1"
NOTICE = timedelta(hours=12)

Hex32 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}(?!\n)$")]
Signature = Annotated[str, Meta(pattern=r"^[0-9a-f]{128}(?!\n)$")]
Bound = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,19}(?!\n)$")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Moment = Annotated[datetime, Meta(tz=True)]
U8 = Annotated[int, Meta(ge=1, le=255)]
U32 = Annotated[int, Meta(ge=1, le=2**32 - 1)]


class BadConfigError(ValueError):
    """The bytes are not a draw config in canonical form."""


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A pack as the draw knows it: its code in the rulebook.  礼包"""

    code: Name


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A face value of a pack, in fen, and what must be left to pay for it.  面额档"""

    pack: U8
    face_fen: U32
    threshold_fen: U32


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How often one person may enter and win (R1.4)."""

    entries_per_day: U8
    wins_per_day: U8
    wins_per_campaign: U32


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The Ed25519 public keys of everyone whose word counts, in hex."""

    platform: Hex32
    approver: Hex32
    notary: Hex32
    auditor: Hex32


@dataclass(frozen=True, kw_only=True)
class Witness:
    """Someone who cosigns the public log: name on the note, and key in hex.  见证人"""

    name: Name
    key: Hex32


@dataclass(frozen=True, kw_only=True)
class Log:
    """The public log's name, and how many witnesses a checkpoint needs.  公开日志"""

    origin: Name
    quorum: U8
    witnesses: tuple[Witness, ...]


@dataclass(frozen=True, kw_only=True)
class Dealing:
    """The checkpoint whose root dealt the units to lanes, known to all before publication."""

    log_size: Annotated[int, Meta(ge=0)]
    root: Hex32


@dataclass(frozen=True, kw_only=True)
class Formula:
    """How the chances were made, in words, and every number that went in (no fractions)."""

    text: Name
    inputs: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class DayPlan:
    """One day: the table of each pack as (bound in decimal, tier), and the hourly top-ups.

    stands_from is the instant from which the day may not change any more, where that is before
    the day begins: in list mode money is released and people sign up days before the draw.
    """

    tables: dict[int, tuple[tuple[str, int], ...]]
    topups: tuple[TopUp, ...]
    stands_from: Moment | UnsetType = UNSET


@dataclass(frozen=True, kw_only=True)
class DrawConfig:
    """Everything the draw needs, for the days that stand in it.

    epoch_start is the hash of the config that started the epoch, or None if this one does.
    campaign_key is the commitment to the pseudonym key, never the key.
    """

    format: Annotated[str, Meta(pattern=rf"^{FORMAT}(?!\n)$")] = FORMAT
    campaign: Name
    platform: Name
    epoch: Annotated[int, Meta(ge=0, le=65535)]
    epoch_start: Hex32 | None
    lanes: Annotated[int, Meta(ge=1, le=65536)]
    round_max: U32
    packs: dict[int, Pack]
    tiers: dict[int, Tier]
    limits: Limits
    keys: Keys
    log: Log
    dealing: Dealing
    exclusion_list_hash: Hex32
    source_hash: Hex32
    campaign_key: Hex32
    formula: Formula
    published_at: Moment
    active_from: Moment
    days: dict[int, DayPlan]


@dataclass(frozen=True, kw_only=True)
class ConfigSignatures:
    """The two signatures without which no config acts: the platform's and the approver's."""

    platform: bytes
    approver: bytes


def canonical(value: Any) -> bytes:
    """Canonical JSON (RFC 8785) of plain values, dataclasses included; the same everywhere."""
    return rfc8785.dumps(msgspec.to_builtins(value, str_keys=True))


def encode_config(config: DrawConfig) -> bytes:
    """The canonical bytes of a config: what is hashed, signed and published."""
    return canonical(config)


@lru_cache(16)  # Every process asks for the newest config again and again.
def decode_config(raw: bytes) -> DrawConfig:
    """The config behind these bytes.

    Refuses (BadConfigError) what is not a config, and any other spelling of the same content:
    two spellings would have two hashes.
    """
    try:
        config = msgspec.json.decode(raw, type=DrawConfig)
        spelled = encode_config(config)
    except (msgspec.ValidationError, msgspec.DecodeError, rfc8785.CanonicalizationError) as error:
        raise BadConfigError(f"not a draw config: {error}") from error
    if spelled != raw:
        raise BadConfigError("not in canonical form, or with fields nobody knows")
    return config


def cfg_hash_of(raw: bytes) -> bytes:
    """The hash that every seal names: H("cfg", bytes)."""
    return tagged_hash("cfg", raw)


def epoch_start_of(config: DrawConfig, cfg_hash: bytes) -> bytes:
    """The hash that gives people their lanes: that of the config which started the epoch."""
    return cfg_hash if config.epoch_start is None else bytes.fromhex(config.epoch_start)


def tables_of(plan: DayPlan) -> dict[int, tuple[tuple[int, int], ...]]:
    """A day's tables with the bounds as whole numbers, ready for the draw."""
    return {
        pack: tuple((int(bound), tier) for bound, tier in rows)
        for pack, rows in plan.tables.items()
    }


def stands_from(number: int, plan: DayPlan) -> datetime:
    """From when a day may not change any more: what its plan says, else when the day begins."""
    if isinstance(plan.stands_from, datetime):
        return plan.stands_from
    return starts_at(day_from_number(number))


def table_from(chances: Iterable[tuple[int, Fraction]]) -> tuple[tuple[str, int], ...]:
    """A pack's table from exact chances: bound = floor(2^64 * sum of the chances so far).

    Tiers without a chance are left out. A certain win has the bound 2^64 - 1, the largest that
    fits. Refuses (ValueError) chances below zero or above one together.
    """
    rows, total, last = [], Fraction(0), 0
    for tier, chance in chances:
        total += chance
        if chance < 0 or total > 1:
            raise ValueError("the chances of a pack lie between 0 and 1 together")
        bound = min(CERTAINTY * total.numerator // total.denominator, CERTAINTY - 1)
        if bound > last:
            rows.append((str(bound), tier))
        last = bound
    return tuple(rows)


def sign_config(signer: Signer, purpose: Purpose, cfg_hash: bytes) -> bytes:
    """The platform's or the approver's signature over a config's hash."""
    return signer.sign(purpose, cfg_hash)


def is_config_signed(config: DrawConfig, cfg_hash: bytes, signatures: ConfigSignatures) -> bool:
    """True if both the platform and the department's approver signed this config."""
    keys = config.keys
    return is_signed(
        bytes.fromhex(keys.platform), Purpose.CONFIG_BY_PLATFORM, cfg_hash, signatures.platform
    ) and is_signed(
        bytes.fromhex(keys.approver), Purpose.CONFIG_BY_APPROVER, cfg_hash, signatures.approver
    )


def in_force(starts: Mapping[bytes, datetime], at: datetime) -> bytes | None:
    """The config that acts at an instant: of those begun, the one that began last.

    starts says when each config (by hash) begins to act; the caller leaves out those that do
    not hold the day in question.
    """
    begun = [(start, cfg_hash) for cfg_hash, start in starts.items() if start <= at]
    return max(begun)[1] if begun else None
