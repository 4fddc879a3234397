"""Making a draw config: the coming days' releases, odds and stock, from the rulebook.  编制摇号配置

Pure: the fund's free money and the log's last checkpoint come in, the config goes out. What makes
the chances is the published formula and nothing else.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import UNSET

from huiquan.domain import draw_config, pacing
from huiquan.domain.days import day_number, starts_at
from huiquan.domain.draw_config import (
    NOTICE,
    ConfigSignatures,
    Dealing,
    DrawConfig,
    Formula,
    Keys,
    Log,
    Witness,
    cfg_hash_of,
    encode_config,
    sign_config,
)
from huiquan.domain.draw_config_flaws import flaws_of
from huiquan.domain.pacing import plan_day, release_with_carry
from huiquan.domain.rulebook_days import draw_days, stands_from
from huiquan.domain.rulebooks import Rulebook
from huiquan.domain.signing import Purpose, Signer
from huiquan.domain.stock import Release, TopUp, deal_day

HORIZON_DAYS = 3
# The signers refuse a config that reaches them less than 12 hours before it acts; the rest of the
# lead is what delivery may take.
LEAD = NOTICE + timedelta(minutes=30)
THIRD_WITNESS = "witness.huiquan"
NO_EXCLUSIONS = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, kw_only=True)
class ConfigBasis:
    """What a config is made from besides the rulebook.

    free_fen is the money of the fund that no day has been given yet. epoch_start is the hash of
    the config that started the epoch, None for the first. witness is the third witness's key.
    """

    rulebook: Rulebook
    source_hash: bytes
    epoch: int
    epoch_start: bytes | None
    keys: Keys
    witness: bytes
    dealing: Dealing
    campaign_key: bytes
    exclusion_list_hash: str = NO_EXCLUSIONS
    free_fen: int
    published_at: datetime


@dataclass(frozen=True, kw_only=True)
class MadeConfig:
    """A config, and the money each of its days would release, in fen."""

    config: DrawConfig
    release_fen: Mapping[int, int]


def make_config(basis: ConfigBasis) -> MadeConfig | None:
    """Plan the next draw days that are still far enough away; None when there is none left."""
    days = coming_days(basis.rulebook, basis.published_at)
    if not days:
        return None
    plans, free_fen = [], basis.free_fen
    for day in days:
        plan = plan_day(basis.rulebook, day, release_with_carry(basis.rulebook, day, free_fen))
        free_fen -= plan.release_fen - plan.remainder_fen
        plans.append(plan)
    return MadeConfig(
        config=_config(basis, plans),
        release_fen={day_number(plan.day): plan.release_fen - plan.remainder_fen for plan in plans},
    )


@dataclass(frozen=True, kw_only=True)
class SignedConfig:
    """A config as it is published: its exact bytes, their hash, and the two signatures."""

    raw: bytes
    cfg_hash: bytes
    signatures: ConfigSignatures
    release_fen: Mapping[int, int]


def sign_made(made: MadeConfig, platform: Signer, approver: Signer) -> SignedConfig:
    """The platform and the department's approver sign a config (both are needed to act)."""
    flaws = flaws_of(made.config)
    assert not flaws, flaws
    raw = encode_config(made.config)
    cfg_hash = cfg_hash_of(raw)
    return SignedConfig(
        raw=raw,
        cfg_hash=cfg_hash,
        signatures=ConfigSignatures(
            platform=sign_config(platform, Purpose.CONFIG_BY_PLATFORM, cfg_hash),
            approver=sign_config(approver, Purpose.CONFIG_BY_APPROVER, cfg_hash),
        ),
        release_fen=made.release_fen,
    )


def parties(platform: bytes, approver: bytes, notary: bytes, auditor: bytes) -> Keys:
    """The public keys of everyone whose word counts in a draw, as the config carries them."""
    return Keys(
        platform=platform.hex(),
        approver=approver.hex(),
        notary=notary.hex(),
        auditor=auditor.hex(),
    )


def third_witness(log: Log) -> bytes:
    """The key of the log's third witness; nothing if it has none."""
    keys = (one.key for one in log.witnesses if one.name == THIRD_WITNESS)
    return bytes.fromhex(next(keys, ""))


def log_origin(campaign: str) -> str:
    """The name of a campaign's public log, as its checkpoints carry it."""
    return f"huiquan/{campaign}"


def public_log(campaign: str, keys: Keys, witness: bytes) -> Log:
    """The campaign's public log: notary, auditor and a third witness; two of the three suffice."""
    return Log(
        origin=log_origin(campaign),
        quorum=2,
        witnesses=(
            Witness(name="notary.huiquan", key=keys.notary),
            Witness(name="auditor.huiquan", key=keys.auditor),
            Witness(name=THIRD_WITNESS, key=witness.hex()),
        ),
    )


def release_by_lane(
    plan: draw_config.DayPlan, tiers: Mapping[int, draw_config.Tier]
) -> dict[int, int]:
    """How much money a day's top-ups put into each lane, in fen."""
    lanes: dict[int, int] = {}
    for topup in plan.topups:
        lanes[topup.lane] = lanes.get(topup.lane, 0) + topup.units * tiers[topup.tier].face_fen
    return lanes


def coming_days(rulebook: Rulebook, published_at: datetime) -> list[date]:
    """The next draw days that may still change when a config published now begins to act."""
    acts_at = published_at + LEAD
    coming = [day for day in draw_days(rulebook) if stands_from(rulebook, day) >= acts_at]
    return coming[:HORIZON_DAYS]


def _config(basis: ConfigBasis, plans: list[pacing.DayPlan]) -> DrawConfig:
    rulebook = basis.rulebook
    inputs: dict[str, Any] = {str(day_number(plan.day)): dict(plan.inputs) for plan in plans}
    return DrawConfig(
        campaign=rulebook.code,
        platform=rulebook.platform.code,
        epoch=basis.epoch,
        epoch_start=basis.epoch_start.hex() if basis.epoch_start else None,
        lanes=rulebook.lanes,
        round_max=rulebook.round_max,
        packs={pack.number: draw_config.Pack(code=pack.code) for pack in rulebook.packs},
        tiers={
            tier.number: draw_config.Tier(
                pack=tier.pack, face_fen=tier.face_fen, threshold_fen=tier.threshold_fen
            )
            for tier in rulebook.tiers
        },
        limits=draw_config.Limits(
            entries_per_day=rulebook.limits.draws_per_day,
            wins_per_day=rulebook.limits.wins_per_day,
            wins_per_campaign=rulebook.limits.wins_per_campaign,
        ),
        keys=basis.keys,
        log=public_log(basis.rulebook.code, basis.keys, basis.witness),
        dealing=basis.dealing,
        exclusion_list_hash=basis.exclusion_list_hash,
        source_hash=basis.source_hash.hex(),
        campaign_key=basis.campaign_key.hex(),
        formula=Formula(text=plans[0].formula, inputs=inputs),
        published_at=basis.published_at,
        active_from=basis.published_at + LEAD,
        days={day_number(plan.day): _day_plan(basis, plan) for plan in plans},
    )


def _day_plan(basis: ConfigBasis, plan: pacing.DayPlan) -> draw_config.DayPlan:
    releases = [
        Release(slot, tier, units)
        for tier, slots in plan.hourly.items()
        for slot, units in slots.items()
    ]
    root = bytes.fromhex(basis.dealing.root)
    topups: tuple[TopUp, ...] = deal_day(root, day_number(plan.day), basis.rulebook.lanes, releases)
    tables = {
        pack: tuple((str(bound), tier) for bound, tier in rows)
        for pack, rows in plan.tables.items()
    }
    stands = stands_from(basis.rulebook, plan.day)
    return draw_config.DayPlan(
        tables=tables,
        topups=topups,
        stands_from=UNSET if stands == starts_at(plan.day) else stands,
    )
