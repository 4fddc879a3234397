"""Reading an exported day: files, fingerprints, signatures, keys and configs.  读取导出

What passes here is exactly what platform, notary and auditor signed; whether the draw itself is
right is checked after.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from huiquan.domain import book_heads, draw_config, exports
from huiquan.domain.book_heads import BadHeadsError
from huiquan.domain.days import day_from_number, starts_at
from huiquan.domain.draw_config import BadConfigError, ConfigSignatures, DrawConfig
from huiquan.domain.draw_config_flaws import flaws_of
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
from huiquan.domain.signing import Purpose, is_signed
from huiquan.domain.stock import TopUp
from huiquan.domain.verdicts import Finding, Wrong

MANIFEST, KEYS, ROUNDS, KEPT = "manifest.json", "keys.json", "rounds.ndjson", "kept.ndjson"
CHECKPOINTS = "checkpoints.txt"

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
    path = MANIFEST
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
        path = book_heads.FILE
        if path in files:
            book_heads.parse_heads(files[path])
        configs = {}
        for one in manifest.configs:
            path = one.file
            raw = files[path] if path in manifest.files else b""
            configs[draw_config.cfg_hash_of(raw)] = draw_config.decode_config(raw)
    except (BadExportError, BadConfigError, BadHeadsError) as error:
        return Finding(wrong=Wrong.UNREADABLE, where=f"{path}: {error}")
    return ExportedDay(
        files=files,
        manifest=manifest,
        signatures=signatures,
        keys=keys,
        rows=tuple(rows),
        kept=tuple(kept),
        configs=configs,
    )


def check_signatures(day: ExportedDay, pinned: PublishedKeys | None) -> Finding | None:
    """The three parties signed this manifest; with pinned keys, they are the known parties."""
    if pinned is not None and day.keys != pinned:
        return Finding(wrong=Wrong.KEYS_DIFFER, where=KEYS)
    body = exports.manifest_body(day.manifest)
    for party in ("platform", "notary", "auditor"):
        key = bytes.fromhex(getattr(day.keys, party))
        signature = bytes.fromhex(getattr(day.signatures, party))
        if not is_signed(key, Purpose.MANIFEST, body, signature):
            return Finding(wrong=Wrong.BAD_SIGNATURE, where=f"{MANIFEST}: {party}")
    return None


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
    """True if the config had begun to act before the hour was over."""
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
    keys = (config.keys.platform, config.keys.notary, config.keys.auditor)
    if keys != (day.keys.platform, day.keys.notary, day.keys.auditor):
        return Wrong.KEYS_DIFFER
    if not draw_config.is_config_signed(config, cfg_hash, signatures):
        return Wrong.BAD_SIGNATURE
    named_as = (config.campaign, config.platform, config.epoch)
    if named_as != (manifest.campaign, manifest.platform, manifest.epoch):
        return Wrong.CONFIG_UNKNOWN
    if manifest.day not in config.days:
        return Wrong.CONFIG_UNKNOWN
    if _day_facts(config, manifest.day) != _day_facts(first, manifest.day):
        return Wrong.CONFIGS_DISAGREE
    if draw_config.epoch_start_of(config, cfg_hash) != day.epoch_start:
        return Wrong.CONFIGS_DISAGREE
    return None


def _day_facts(config: DrawConfig, day: int) -> tuple[object, ...]:
    """All that decides a day's chances and what they are worth."""
    return (config.days[day], config.packs, config.tiers, config.lanes, config.keys, config.log)


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
