"""Compare this house with what signers and witnesses hold, and stop what must stop.  与各方核对"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from huiquan.app import App
from huiquan.db import (
    audit,
    configs,
    epochs,
    lanes,
    links,
    log_tiles,
    notices,
    public_log,
    rounds,
)
from huiquan.db.connection import Tx
from huiquan.domain.campaigns import Campaign
from huiquan.domain.config_making import third_witness
from huiquan.domain.draw_config import DrawConfig, decode_config
from huiquan.domain.standing import (
    Books,
    Evidence,
    Gap,
    GapKind,
    SignerStatus,
    evidence_in,
    gaps_in,
    places_named,
    read_status,
    sizes_named,
)
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.notary import RemoteSigner

GAPS = tuple(kind.value for kind in GapKind)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Who answered and was genuine, who did not, and what was found."""

    answered: frozenset[str]
    away: frozenset[str]
    gaps: tuple[Gap, ...]
    evidence: tuple[Evidence, ...]


async def compare_standing(app: App, campaign: Campaign) -> Standing:
    """Ask notary, auditor and witness how far they are, and hold it against the database.

    Held against it, too, is how far the house itself saw the books; where they are not shorter,
    that is noted anew. A gap or a fork stops every lane and all publishing; evidence about a round
    stops its lane, once, and is published. Nothing starts again by itself (`unfreeze_lane`).
    Whoever does not answer, or not under the key of the newest config, is named as away and says
    nothing.
    """
    async with app.db.reading() as tx:
        newest = await configs.newest(tx, campaign.campaign_id)
    assert newest is not None, "a published campaign has a config"
    config = decode_config(newest.body)
    statuses = await _statuses(app, config)
    # The mark before the books: another process may note at this moment what is committed only
    # after this snapshot was taken, and the house would be called behind itself.
    seen = app.high_water.seen(campaign.code)
    # Read after they answered: a seal is committed here before anyone is asked to sign it.
    async with app.db.reading() as tx:
        books = await _books(app, tx, campaign, config, statuses, seen)
    standing = Standing(
        answered=frozenset(statuses),
        away=frozenset(app.witnesses) - frozenset(statuses),
        gaps=gaps_in(books, statuses),
        evidence=evidence_in(books, statuses),
    )
    async with app.db.transaction() as tx:
        await _stop(app, tx, campaign.campaign_id, standing)
    if not standing.gaps:
        app.high_water.note(campaign.code, books.movements)
    return standing


async def note_absences(app: App, campaign: Campaign, away: Mapping[str, datetime]) -> list[str]:
    """Open a notice for each of these who is away since then, end those of all others.

    Gives whose notice is new.
    """
    async with app.db.transaction() as tx:
        await notices.end(tx, campaign.campaign_id, ("signer_away",), away, app.clock())
        return [
            who
            for who, since in away.items()
            if await notices.begin(tx, campaign.campaign_id, "signer_away", who, {}, since)
        ]


async def _statuses(app: App, config: DrawConfig) -> dict[str, SignerStatus]:
    keys = {
        "notary": bytes.fromhex(config.keys.notary),
        "auditor": bytes.fromhex(config.keys.auditor),
        "witness": third_witness(config.log),
    }
    told = await asyncio.gather(
        *(_status(signer, keys[role]) for role, signer in app.witnesses.items())
    )
    return {role: one for role, one in zip(app.witnesses, told, strict=True) if one is not None}


async def _status(signer: RemoteSigner, key: bytes) -> SignerStatus | None:
    try:
        return read_status(await signer.status(), key)
    except OutsiderFault:
        return None


async def _books(
    app: App,
    tx: Tx,
    campaign: Campaign,
    config: DrawConfig,
    statuses: Mapping[str, SignerStatus],
    seen: Mapping[int, int],
) -> Books:
    campaign_id = campaign.campaign_id
    series = f"{campaign.code}/{campaign.platform}"
    origin = config.log.origin
    size = await public_log.size(tx, campaign_id)
    places = places_named(series, campaign.epoch, statuses)
    declared = await epochs.of_campaign(tx, campaign_id)
    return Books(
        series=series,
        epoch=campaign.epoch,
        origin=origin,
        platform_key=app.signer.key,
        cfg_hashes=await configs.hashes(tx, campaign_id),
        next_seq={one.lane: one.next_seq for one in await lanes.heads(tx, campaign_id)},
        seal_hashes=await rounds.seal_hashes(tx, campaign_id, places),
        log_size=size,
        roots={
            named: await log_tiles.root(tx, campaign_id, named)
            for named in sizes_named(origin, statuses)
            if named <= size
        },
        declaration_hash=declared.declaration_hash if declared else None,
        movements={one.lane: one.next_no for one in await links.books(tx, campaign_id)},
        seen_movements=seen,
    )


async def _stop(app: App, tx: Tx, campaign_id: int, standing: Standing) -> None:
    now = app.clock()
    for gap in standing.gaps:
        detail = {"who": gap.who, "zh": gap.zh, "en": gap.en}
        if await notices.begin(tx, campaign_id, gap.kind, f"{gap.who}: {gap.subject}", detail, now):
            await lanes.mark_frozen(tx, campaign_id, None, f"house_behind: {gap.en}", now)
            await _note(tx, now, gap.kind, detail)
    if standing.answered:
        still = [f"{gap.who}: {gap.subject}" for gap in standing.gaps]
        silent = [f"{who}:" for who in standing.away]
        await notices.end_gaps(tx, campaign_id, GAPS, still, silent, now)
    for one in standing.evidence:
        detail = msgspec.to_builtins(one)
        if await notices.begin(tx, campaign_id, one.kind, one.subject, detail, now):
            await lanes.mark_frozen(tx, campaign_id, one.lane, f"{one.kind}: {one.subject}", now)
            await _note(tx, now, one.kind, detail)


async def _note(tx: Tx, at: datetime, kind: str, detail: Mapping[str, object]) -> None:
    await audit.note(tx, at=at, actor="house", tag="lane:frozen", subject=kind, detail=dict(detail))
