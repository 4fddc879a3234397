"""Reading an exported day: files, fingerprints, signatures, keys and configs.  读取导出

What passes here is exactly what platform, notary and auditor signed; whether the draw itself is
right is checked after.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from huiquan.domain import book_heads, draw_config, epochs, exports
from huiquan.domain.book_heads import BadHeadsError
from huiquan.domain.days import day_from_number, starts_at
from huiquan.domain.draw_config import BadConfigError, ConfigSignatures, DrawConfig
from huiquan.domain.draw_config_flaws import flaws_of
from huiquan.domain.epochs import BadDeclarationError, DeclaredEpoch
from huiquan.domain.exports import (
    BadExportError,
    ConfigFile,
    KeptRow,
    Manifest,
    ManifestSignatures,
    PublishedKeys,
    RoundRow,
)
from huiquan.domain.lottery import Tables
from huiquan.domain.stock import TopUp
from huiquan.domain.verdicts import Finding, Wrong

MANIFEST, KEYS, ROUNDS, KEPT = "manifest.json", "keys.json", "rounds.ndjson", "kept.ndjson"
CHECKPOINTS = "checkpoints.txt"
EPOCH_FILE = "epoch.json"

LAST_SLOT = 23

Files = Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class ExportedDay:
    """A day as it was exported, read but not yet believed."""

    files: Files
    manifest: Manifest
    signatures: ManifestSignatures
    keys: PublishedKeys
    rows: tuple[RoundRow, ...]
    kept: tuple[KeptRow, ...]
    configs: dict[bytes, DrawConfig]
    declared: DeclaredEpoch | None = None

    @property
    def config(self) -> DrawConfig:
        """Any config of the day; what the draw needs is the same in all of them."""
        return next(iter(self.configs.values()))

    @property
    def tables(self) -> Tables:
        """The day's tables."""
        return draw_config.tables_of(self.config.days[self.manifest.day])

    @property
    def topups(self) -> tuple[TopUp, ...]:
        """The day's top-ups."""
        return self.config.days[self.manifest.day].topups

    @property
    def epoch_start(self) -> bytes:
        """The hash that gives people their lanes."""
        cfg_hash, config = next(iter(self.configs.items()))
        return draw_config.epoch_start_of(config, cfg_hash)


def read_day(files: Files) -> ExportedDay | Finding:
    """Read every file of a day, or name the first that is missing, changed or unreadable."""
    path, declared = MANIFEST, None
    try:
        if path not in files:
            return Finding(wrong=Wrong.MISSING_FILE, where=path)
        manifest, signatures = exports.parse_manifest(files[path])
        wrong = _marks(files, manifest)
        if wrong is not None:
            return wrong
        path = KEYS
        keys = exports.parse_keys(files[path])
        path = ROUNDS
        rows = exports.parse_rounds(files[path])
        path = KEPT
        kept = exports.parse_kept(files[path])
        if EPOCH_FILE in manifest.files:
            path = EPOCH_FILE
            declared = epochs.decode_epoch(files[path])
        path = book_heads.FILE
        if path in files:
            book_heads.parse_heads(files[path])
        configs = {}
        for one in manifest.configs:
            path = one.file
            raw = files[path] if path in manifest.files else b""
            configs[draw_config.cfg_hash_of(raw)] = draw_config.decode_config(raw)
    except (BadExportError, BadConfigError, BadDeclarationError, BadHeadsError) as error:
        return Finding(wrong=Wrong.UNREADABLE, where=f"{path}: {error}")
    return ExportedDay(
        files=files,
        manifest=manifest,
        signatures=signatures,
        keys=keys,
        rows=tuple(rows),
        kept=tuple(kept),
        configs=configs,
        declared=declared,
    )


def check_configs(day: ExportedDay) -> Finding | None:
    """Every config of the day is flawless, signed by both, and says the same about the day."""
    manifest = day.manifest
    if not manifest.configs or len(day.configs) != len(manifest.configs):
        return Finding(wrong=Wrong.CONFIG_UNKNOWN, where=MANIFEST)
    for (cfg_hash, config), named in zip(day.configs.items(), manifest.configs, strict=True):
        wrong = _decide_config(day, cfg_hash, config, named)
        if wrong is not None:
            return Finding(wrong=wrong, where=named.file)
    return None


def was_begun(config: DrawConfig, day: int, slot: int) -> bool:
    """True if the config had begun to act before the hour was over.

    Slot 23 has no end: what waited through a change of keys is drawn under the config that takes
    the day over, however late.
    """
    if config.epoch > 0 and slot == LAST_SLOT:
        return True
    hour_ends = starts_at(day_from_number(day)) + timedelta(hours=slot + 1)
    return config.active_from < hour_ends


def _decide_config(
    day: ExportedDay, cfg_hash: bytes, config: DrawConfig, named: ConfigFile
) -> Wrong | None:
    """What is wrong with one config of the day, if anything."""
    manifest, first = day.manifest, day.config
    signatures = ConfigSignatures(
        platform=bytes.fromhex(named.platform), approver=bytes.fromhex(named.approver)
    )
    if cfg_hash.hex() != named.cfg_hash:
        return Wrong.FILE_CHANGED
    if flaws_of(config):
        return Wrong.CONFIG_FLAWED
    if not _are_its_keys(day, config):
        return Wrong.KEYS_DIFFER
    if not draw_config.is_config_signed(config, cfg_hash, signatures):
        return Wrong.BAD_SIGNATURE
    if (config.campaign, config.platform) != (manifest.campaign, manifest.platform):
        return Wrong.CONFIG_UNKNOWN
    if config.epoch != manifest.epoch and (day.declared is None or config.epoch > manifest.epoch):
        return Wrong.CONFIG_UNKNOWN
    if manifest.day not in config.days:
        return Wrong.CONFIG_UNKNOWN
    if _day_facts(day, config) != _day_facts(day, first):
        return Wrong.CONFIGS_DISAGREE
    if draw_config.epoch_start_of(config, cfg_hash) != day.epoch_start:
        return Wrong.CONFIGS_DISAGREE
    return None


def _are_its_keys(day: ExportedDay, config: DrawConfig) -> bool:
    """The config names the keys of its epoch: those of the folder, or those before the change."""
    if day.declared is not None:
        said = day.declared.declaration
        known = epochs.leads_to(said, config) or epochs.leads_from(said, config)
        return known and said.epoch_start == day.epoch_start.hex()
    keys = (config.keys.platform, config.keys.notary, config.keys.auditor)
    return keys == (day.keys.platform, day.keys.notary, day.keys.auditor)


def _day_facts(day: ExportedDay, config: DrawConfig) -> tuple[object, ...]:
    """All that decides a day's chances and what they are worth; who signs belongs to the epoch."""
    number, log, keys = day.manifest.day, config.log, config.keys
    if day.declared is not None:
        said = day.declared.declaration
        log, keys = epochs.log_after(log, said), said.keys_after
    return (config.days[number], config.packs, config.tiers, config.lanes, keys, log)


def _marks(files: Files, manifest: Manifest) -> Finding | None:
    """Every file is there as the manifest says, and no other is."""
    for path in (KEYS, ROUNDS, KEPT, CHECKPOINTS):
        if path not in manifest.files:
            return Finding(wrong=Wrong.MISSING_FILE, where=path)
    for path, mark in manifest.files.items():
        if path not in files:
            return Finding(wrong=Wrong.MISSING_FILE, where=path)
        if exports.mark_of(files[path]) != mark:
            return Finding(wrong=Wrong.FILE_CHANGED, where=path)
    for path in files:
        if path != MANIFEST and path not in manifest.files:
            return Finding(wrong=Wrong.UNKNOWN_FILE, where=path)
    return None
