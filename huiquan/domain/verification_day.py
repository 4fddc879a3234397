"""Checking a whole exported day, from the files alone: no database, no network.  整日验证

It names the first thing that is wrong, in the order in which a person would look: the files, who
signed them, the published chances, every round drawn again, the vouchers, the totals, the public
log, and whether it all looks like chance.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby

from huiquan.domain import exports
from huiquan.domain.exports import PublishedKeys, RoundRow
from huiquan.domain.stock import topups_of_lane
from huiquan.domain.verdicts import Finding, Verdict, Wrong
from huiquan.domain.verification_chance import check_counts, check_runs
from huiquan.domain.verification_files import (
    CHECKPOINTS,
    KEPT,
    MANIFEST,
    ExportedDay,
    Files,
    check_configs,
    check_signatures,
    read_day,
)
from huiquan.domain.verification_lane import LaneRules, LaneTally, walk_lane
from huiquan.domain.verification_log import check_log


@dataclass(kw_only=True)
class _Work:
    """The day under examination, and what its lanes counted."""

    day: ExportedDay
    pinned: PublishedKeys | None
    tallies: list[LaneTally] = field(default_factory=list)


def verify_day(files: Files, pinned: PublishedKeys | None = None) -> Verdict:
    """Check an exported day. files maps each path in the folder to its bytes.

    pinned holds the keys the verifier knows from elsewhere; without them the verdict says that
    nobody has checked whose keys these are.
    """
    day = read_day(files)
    if isinstance(day, Finding):
        return Verdict(checked=(), finding=day)
    work = _Work(day=day, pinned=pinned)
    checked = ["files"]
    unchecked = () if pinned is not None else ("keys against a known source",)
    for name, check in _CHECKS:
        finding = check(work)
        if finding is not None:
            return Verdict(checked=tuple(checked), unchecked=unchecked, finding=finding)
        checked.append(name)
    return Verdict(checked=tuple(checked), unchecked=unchecked)


def _signatures(work: _Work) -> Finding | None:
    """Platform, notary and auditor signed the manifest."""
    return check_signatures(work.day, work.pinned)


def _configs(work: _Work) -> Finding | None:
    """The configs are sound, signed and of one mind."""
    return check_configs(work.day)


def _rounds(work: _Work) -> Finding | None:
    """Every lane, round by round; every file of entries belongs to a lane with rounds."""
    day, unread = work.day, {path for path in work.day.files if path.startswith("entries/")}
    for lane, rows in groupby(day.rows, key=lambda row: row.lane):
        path = exports.entries_file(lane)
        if path not in unread:
            return Finding(wrong=Wrong.MISSING_FILE, where=path)
        unread.remove(path)
        walked = _walk(day, lane, list(rows))
        if isinstance(walked, Finding):
            return walked
        work.tallies.append(walked)
    for path in sorted(unread):
        return Finding(wrong=Wrong.UNKNOWN_FILE, where=path)
    return None


def _walk(day: ExportedDay, lane: int, rows: list[RoundRow]) -> LaneTally | Finding:
    """One lane of the day."""
    config = day.config
    rules = LaneRules(
        day=day.manifest.day,
        epoch=day.manifest.epoch,
        lane=lane,
        lanes=config.lanes,
        tiers=len(config.tiers),
        round_max=max(one.round_max for one in day.configs.values()),
        epoch_start=day.epoch_start,
        configs=day.configs,
        tables=day.tables,
        topups=topups_of_lane(day.topups, lane),
        keys=day.keys,
    )
    return walk_lane(rules, rows, day.files[exports.entries_file(lane)])


def _vouchers(work: _Work) -> Finding | None:
    """Each kept win has one voucher of its own, and there is no voucher without a win."""
    wins = {place: tier for tally in work.tallies for place, tier in tally.kept.items()}
    serials: set[str] = set()
    for row in work.day.kept:
        place = (row.lane, row.idx)
        if wins.pop(place, None) != row.tier or row.voucher in serials:
            return _wrong_voucher(*place)
        serials.add(row.voucher)
    for place in wins:
        return _wrong_voucher(*place)
    return None


def _wrong_voucher(lane: int, idx: int) -> Finding:
    """A win and a voucher that do not belong together."""
    return Finding(wrong=Wrong.WRONG_VOUCHERS, where=f"{KEPT}: lane {lane}, entry {idx}")


def _totals(work: _Work) -> Finding | None:
    """The signed totals are the sum of the rounds."""
    day = work.day
    if exports.totals_of(day.rows, len(day.config.tiers)) != day.manifest.totals:
        return Finding(wrong=Wrong.WRONG_TOTALS, where=MANIFEST)
    return None


def _log(work: _Work) -> Finding | None:
    """The day stands in the public log."""
    day = work.day
    return check_log(day.manifest.log, day.rows, day.files[CHECKPOINTS], day.config)


def _counts(work: _Work) -> Finding | None:
    """The wins are as many as chance gives."""
    return check_counts(work.tallies, work.day.tables)


def _runs(work: _Work) -> Finding | None:
    """Winners do not stand in rows."""
    return check_runs(work.tallies, work.day.tables)


_CHECKS: tuple[tuple[str, Callable[[_Work], Finding | None]], ...] = (
    ("signatures", _signatures),
    ("configs", _configs),
    ("rounds", _rounds),
    ("vouchers", _vouchers),
    ("totals", _totals),
    ("log", _log),
    ("counts", _counts),
    ("runs", _runs),
)
