"""Export a day of the draw for anyone to check: files, and a manifest that three sign.  摇号导出"""

from collections.abc import Callable
from dataclasses import dataclass

from huiquan.app import App
from huiquan.db import (
    campaign_state,
    configs,
    draw_export,
    entries,
    epochs,
    links,
    lists,
    log_tiles,
    public_log,
    rounds,
)
from huiquan.db.configs import ConfigRow
from huiquan.db.connection import Tx
from huiquan.db.rounds import RoundRow
from huiquan.domain import book_heads, checkpoints, exports
from huiquan.domain.campaigns import Campaign
from huiquan.domain.days import day_from_number, day_number, day_of, ends_at
from huiquan.domain.draw_config import decode_config
from huiquan.domain.epochs import DeclaredEpoch, encode_epoch
from huiquan.domain.exports import ConfigFile, FileMark, KeptRow, LogPart, Manifest
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import encode_entry
from huiquan.domain.signing import Purpose

Sink = Callable[[str, bytes], None]
CHUNK = 10_000


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What was exported: files, entries and rounds."""

    files: int
    rounds: int
    entries: int


async def export_draws(app: App, code: str, day: int, sink: Sink) -> Exported | Refusal:
    """Hand every file of a day to `sink` by its path, the signed manifest last.

    Refuses DAY_NOT_OVER before midnight, NOT_YET_DRAWN until all its rounds are drawn and covered
    by a cosigned checkpoint, OBJECTIONS_RUNNING until a list is issued, UNKNOWN_CAMPAIGN,
    NO_DRAW_THAT_DAY. Raises OutsiderFault when a signer
    is away or its own book says something else. (R5.1, R5.8)
    """
    if day >= day_number(day_of(app.clock())):
        return Refusal.DAY_NOT_OVER
    async with app.db.reading() as tx:
        campaign = await campaign_state.load_campaign(tx, code, first_day=day, last_day=day)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        if day not in campaign.days:
            return Refusal.NO_DRAW_THAT_DAY
        drawn = await rounds.of_day(tx, campaign.campaign_id, day)
        log = await _log_part(tx, campaign.campaign_id, day)
        if log is None or any(one.raw_final is None for one in drawn):
            return Refusal.NOT_YET_DRAWN
        listed = await lists.published(tx, campaign.campaign_id, day)
        if listed is not None and listed.issued_at is None:
            return Refusal.OBJECTIONS_RUNNING
        exporter = _Exporter(campaign=campaign, day=day, sink=sink, marks={})
        known = await epochs.of_campaign(tx, campaign.campaign_id)
        declared = known.declared if known else None
        manifest = await exporter.write(tx, drawn, log, declared)
    sink("manifest.json", await _signed(app, manifest, drawn))
    return Exported(
        files=len(manifest.files) + 1,
        rounds=manifest.totals.rounds,
        entries=manifest.totals.entries,
    )


@dataclass(frozen=True, kw_only=True)
class _Exporter:
    """The files of one day on their way out, each with its mark."""

    campaign: Campaign
    day: int
    sink: Sink
    marks: dict[str, FileMark]

    async def write(
        self, tx: Tx, drawn: list[RoundRow], log: LogPart, declared: DeclaredEpoch | None
    ) -> Manifest:
        """Write every file, and give the manifest over them, not signed yet."""
        used = {one.seal.cfg_hash for one in drawn} or {self.campaign.days[self.day].cfg_hash}
        stored = [await self._config(tx, cfg_hash) for cfg_hash in sorted(used)]
        rows = [exports.round_row(one.raw_seal, one.raw_final or b"") for one in drawn]
        files = exports.config_files({one.cfg_hash: one.body for one in stored})
        names = dict(zip((one.cfg_hash for one in stored), files, strict=True))
        for path, raw in files.items():
            self._put(path, raw)
        config = decode_config(stored[0].body)
        # The day is signed by those whose word counts now; the declaration leads to their keys.
        keys = declared.declaration.keys_after if declared else config.keys
        if declared is not None:
            self._put("epoch.json", encode_epoch(declared))
        published = exports.PublishedKeys(
            platform=keys.platform, notary=keys.notary, auditor=keys.auditor
        )
        self._put("keys.json", exports.build_keys(published))
        self._put("rounds.ndjson", exports.build_rounds(rows))
        await self._put_entries(tx, drawn)
        await self._put_kept(tx)
        await self._put_checkpoints(tx, log)
        await self._put_books(tx)
        return Manifest(
            campaign=config.campaign,
            platform=config.platform,
            epoch=self.campaign.epoch,
            day=self.day,
            configs=tuple(_config_file(one, names[one.cfg_hash]) for one in stored),
            files=self.marks,
            totals=exports.totals_of(rows, len(config.tiers)),
            log=log,
        )

    def _put(self, path: str, raw: bytes) -> None:
        self.marks[path] = exports.mark_of(raw)
        self.sink(path, raw)

    async def _config(self, tx: Tx, cfg_hash: bytes) -> ConfigRow:
        stored = await configs.by_hash(tx, self.campaign.campaign_id, cfg_hash)
        assert stored is not None, "a seal names a recorded config"
        return stored

    async def _put_entries(self, tx: Tx, drawn: list[RoundRow]) -> None:
        for lane in sorted({one.seal.lane for one in drawn}):
            parts = []
            for one in drawn:
                if one.seal.lane == lane:
                    found = await entries.between(
                        tx,
                        self.campaign.campaign_id,
                        lane,
                        one.seal.first_idx,
                        one.seal.count,
                    )
                    parts += [encode_entry(row.entry) for row in found]
            self._put(exports.entries_file(lane), b"".join(parts))

    async def _put_kept(self, tx: Tx) -> None:
        kept = await draw_export.kept(tx, self.campaign.campaign_id, self.day)
        rows = [KeptRow(lane=k.lane, idx=k.idx, tier=k.tier, voucher=k.serial) for k in kept]
        self._put("kept.ndjson", exports.build_kept(rows))

    async def _put_checkpoints(self, tx: Tx, log: LogPart) -> None:
        first = log.size_before + 1
        last = log.size_before + len(log.leaves)
        found = await public_log.checkpoints_between(tx, self.campaign.campaign_id, first, last)
        notes = checkpoints.join_notes([one.note for one in found])
        self._put("checkpoints.txt", notes.encode())

    async def _put_books(self, tx: Tx) -> None:
        """The heads of the ledger's books as the day ended: signed with everything else."""
        ended = ends_at(day_from_number(self.day))
        heads = await links.heads_before(tx, self.campaign.campaign_id, ended)
        self._put(book_heads.FILE, book_heads.build_heads(self.campaign.code, heads))


async def _signed(app: App, manifest: Manifest, drawn: list[RoundRow]) -> bytes:
    """The manifest with all three signatures; both signers compare it with their own books."""
    # A signer learns each final with the lane's next seal; of the last rounds it is told here.
    ends = {one.seal.lane: one.raw_final or b"" for one in drawn}
    body = exports.manifest_body(manifest)
    platform = app.signer.sign(Purpose.MANIFEST, body)
    told = []
    for signer in (app.notary, app.auditor):
        await signer.send_finals(list(ends.values()))
        told.append(await signer.sign_manifest(body.decode(), platform))
    notary, auditor = told
    signatures = exports.ManifestSignatures(
        platform=platform.hex(), notary=notary.hex(), auditor=auditor.hex()
    )
    return exports.build_manifest(manifest, signatures)


async def _log_part(tx: Tx, campaign_id: int, day: int) -> LogPart | None:
    """The stretch of the log that holds the day's rounds, to the checkpoint that covers it.

    The checkpoint is the first that covers the day whole, so an export made again is the same.
    None while there is no such checkpoint. A day without rounds has an empty stretch.
    """
    span = await draw_export.leaves_of_day(tx, campaign_id, day)
    if span is None:
        return LogPart(size_before=0, frontier=(), leaves=())
    end = await draw_export.checkpoint_covering(tx, campaign_id, span.last + 1)
    if end is None:
        return None
    frontier = await log_tiles.frontier(tx, campaign_id, span.first)
    leaves = await public_log.leaves_from(tx, campaign_id, span.first, end)
    return LogPart(
        size_before=span.first,
        frontier=tuple(one.hex() for one in frontier.hashes),
        leaves=tuple(
            (one.lane, one.seq)
            if one.day == day and one.lane != epochs.LOG_LANE
            else one.leaf_hash.hex()
            for one in leaves
        ),
    )


def _config_file(stored: ConfigRow, name: str) -> ConfigFile:
    return ConfigFile(
        file=name,
        cfg_hash=stored.cfg_hash.hex(),
        platform=stored.platform_signature.hex(),
        approver=stored.approver_signature.hex(),
    )
