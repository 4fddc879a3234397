"""What a person drew: won rows are read, misses are computed.  摇号结果"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from huiquan.app import App
from huiquan.db import configs, draw_export, entries, epochs, log_tiles, public_log, rounds
from huiquan.db.connection import Tx
from huiquan.db.public_log import CheckpointRow
from huiquan.db.rounds import RoundRow
from huiquan.domain import checkpoints, draw_config, merkle
from huiquan.domain.campaigns import Campaign
from huiquan.domain.entering import EntryRow
from huiquan.domain.epochs import DeclaredEpoch, witnesses_at
from huiquan.domain.lottery import Outcome, outcome_of
from huiquan.domain.receipts import LogProof, OutcomeReceipt
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import Seal, decode_final, encode_entry
from huiquan.views.round_trees import tree_of

LISTED = 60


@dataclass(frozen=True, kw_only=True)
class Won:
    """The voucher of a kept win."""

    serial: str
    tier: int
    face_fen: int
    threshold_fen: int
    valid_until: datetime


class DrawView(NamedTuple):
    """One day of one person: state is pending, won or missed; reason says why it was a miss.

    reason: no_tier (the number drew nothing) or cut (it drew a tier whose stock was gone).
    """

    day: int
    pack: int
    entered_at: datetime
    draw_no: str
    state: str
    reason: str | None
    won: Won | None


async def draws_of_person(app: App, campaign: Campaign, lane: int, pid: bytes) -> list[DrawView]:
    """Every day a person entered, the newest first."""
    async with app.db.reading() as tx:
        rows = await entries.all_of_person(tx, campaign.campaign_id, lane, pid, LISTED)
        return [await _view(tx, campaign, row) for row in rows]


async def receipt_of_day(
    app: App, campaign: Campaign, lane: int, pid: bytes, day: int
) -> OutcomeReceipt | Refusal | None:
    """The proof of one outcome; None while the round is not final. Refuses NO_DRAW_THAT_DAY."""
    async with app.db.reading() as tx:
        row = await entries.of_person(tx, campaign.campaign_id, lane, pid, day)
        if row is None:
            return Refusal.NO_DRAW_THAT_DAY
        drawn = await rounds.containing(tx, campaign.campaign_id, lane, row.entry.idx)
        if drawn is None or drawn.raw_final is None:
            return None
        return await _receipt(tx, campaign, row, drawn, drawn.raw_final)


class Entered(NamedTuple):
    """What an outcome needs of an entry."""

    lane: int
    pid: bytes
    day: int
    idx: int
    pack: int
    entered_at: datetime


def draw_view(entered: Entered, outcome: Outcome | None, won: Won | None) -> DrawView:
    """A draw as a person sees it; outcome is None while the round is not final."""
    state, reason = "pending", None
    if outcome is not None and outcome.kept:
        state = "won"
    elif outcome is not None:
        state, reason = "missed", "cut" if outcome.tier else "no_tier"
    return DrawView(
        day=entered.day,
        pack=entered.pack,
        entered_at=entered.entered_at,
        draw_no=f"D{entered.day}-{entered.lane:02}-{entered.idx:06}",
        state=state,
        reason=reason,
        won=won,
    )


async def _view(tx: Tx, campaign: Campaign, row: EntryRow) -> DrawView:
    entry = row.entry
    drawn = await rounds.containing(tx, campaign.campaign_id, entry.lane, entry.idx)
    outcome, won = None, None
    if drawn is not None and drawn.raw_final is not None:
        outcome = await _outcome(tx, campaign, row, drawn.raw_final)
        if outcome.kept:
            won = await _won(tx, campaign.campaign_id, entry.lane, entry.idx)
    entered = Entered(entry.lane, entry.pid, entry.day, entry.idx, entry.pack, row.entered_at)
    return draw_view(entered, outcome, won)


async def _config_of(tx: Tx, campaign: Campaign, row: EntryRow) -> draw_config.DrawConfig:
    """The config an entry was accepted under."""
    return await _config_named(tx, campaign, row.entry.day, row.cfg_hash)


async def _config_named(
    tx: Tx, campaign: Campaign, day: int, cfg_hash: bytes
) -> draw_config.DrawConfig:
    """The config that an entry or a seal names: from memory, or read when it is long ago."""
    known = campaign.days.get(day)
    if known is not None and known.cfg_hash == cfg_hash:
        return known.config
    stored = await configs.by_hash(tx, campaign.campaign_id, cfg_hash)
    assert stored is not None, "entries and seals name a recorded config"
    return draw_config.decode_config(stored.body)


async def _outcome(tx: Tx, campaign: Campaign, row: EntryRow, raw_final: bytes) -> Outcome:
    config = await _config_of(tx, campaign, row)
    tables = draw_config.tables_of(config.days[row.entry.day])
    return outcome_of(row.entry, decode_final(raw_final), tables)


async def _won(tx: Tx, campaign_id: int, lane: int, idx: int) -> Won:
    row = await tx.fetchrow(
        """
        select serial, tier, face_fen, threshold_fen, valid_until
          from vouchers
         where lane = $1
           and campaign_id = $2
           and idx = $3
        """,
        lane,
        campaign_id,
        idx,
    )
    assert row is not None, "a kept win has its voucher"
    return Won(**dict(row))


async def _receipt(
    tx: Tx, campaign: Campaign, row: EntryRow, drawn: RoundRow, raw_final: bytes
) -> OutcomeReceipt:
    seal, entry = drawn.seal, row.entry
    tree = await tree_of(tx, campaign.campaign_id, seal)
    path = merkle.inclusion_path(entry.idx - seal.first_idx, seal.count, tree)
    config = await _config_of(tx, campaign, row)
    return OutcomeReceipt(
        entry=encode_entry(entry).hex(),
        path=tuple(one.hex() for one in path),
        seal=drawn.raw_seal.hex(),
        final=raw_final.hex(),
        table=config.days[entry.day].tables[entry.pack],
        outcome=await _outcome(tx, campaign, row, raw_final),
        log=await _log_proof(tx, campaign, seal),
    )


async def _log_proof(tx: Tx, campaign: Campaign, seal: Seal) -> LogProof | None:
    """Where the round stands in the public log, once a cosigned checkpoint covers it.

    Under the checkpoint stand the lines of those whom the round's config names: a third witness
    that a later config names instead is a stranger to whoever holds this receipt.
    """
    leaf = await public_log.leaf_of(tx, campaign.campaign_id, seal.lane, seal.seq)
    if leaf is None:
        return None
    config = await _config_named(tx, campaign, seal.day, seal.cfg_hash)
    changed = await epochs.of_campaign(tx, campaign.campaign_id)
    declared = None if changed is None or changed.leaf is None else changed.declared
    for checkpoint in await _checkpoints_over(tx, campaign.campaign_id, leaf, declared):
        log = witnesses_at(config.log, declared, checkpoint.size)
        platform = bytes.fromhex(config.keys.platform)
        note = checkpoints.with_named_lines(checkpoint.note, log, platform)
        if checkpoints.has_quorum(checkpoints.parse_note(note), log):
            path = await log_tiles.inclusion(tx, campaign.campaign_id, leaf, checkpoint.size)
            return LogProof(
                index=leaf,
                size=checkpoint.size,
                path=tuple(one.hex() for one in path),
                checkpoint=note,
            )
    return None


async def _checkpoints_over(
    tx: Tx, campaign_id: int, leaf: int, declared: DeclaredEpoch | None
) -> list[CheckpointRow]:
    """Checkpoints that cover a leaf: the newest, and the first, which its own witnesses cosigned.

    Of a leaf from before a change of keys the first is shown before the newest, if it is from
    before the change, too.
    """
    size = await draw_export.checkpoint_covering(tx, campaign_id, leaf + 1)
    newest = await public_log.last_checkpoint(tx, campaign_id)
    if size is None or newest is None:
        return []
    first = await public_log.checkpoints_between(tx, campaign_id, size, size)
    is_before = declared is not None and size <= declared.declaration.log.size
    return [*first, newest] if is_before else [newest, *first]
