"""Checking a whole exported day, from the files alone: no database, no network.  整日验证

It names the first thing that is wrong, in the order in which a person would look: the files, who
signed them, the published chances, every round drawn again, the vouchers, the totals, the public
log, and whether it all looks like chance.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import groupby

from huiquan.domain import exports
from huiquan.domain.exports import PublishedKeys
from huiquan.domain.stock import topups_of_lane
from huiquan.domain.verdicts import Finding, Verdict, Wrong, in_lane
from huiquan.domain.verification_chance import check_counts, check_runs
from huiquan.domain.verification_epoch import check_epoch, check_signatures
from huiquan.domain.verification_files import (
    CHECKPOINTS,
    KEPT,
    MANIFEST,
    ExportedDay,
    Files,
    check_configs,
    read_day,
)
from huiquan.domain.verification_lane import (
    LaneRules,
    LaneTally,
    LaneTask,
    Reader,
    read_plainly,
)
from huiquan.domain.verification_log import check_log


@dataclass(kw_only=True)
class _Work:
    """The day under examination, who reads its lanes, and what they counted."""

    day: ExportedDay
    pinned: PublishedKeys | None
    reader: Reader
    tallies: list[LaneTally] = field(default_factory=list)


def verify_day(
    files: Files,
    pinned: PublishedKeys | None = None,
    reader: Reader = read_plainly,
    begin: Callable[[str], None] = lambda name: None,
) -> Verdict:
    """Check an exported day. files maps each path in the folder to its bytes.

    pinned holds the keys the verifier knows from elsewhere; without them the verdict says that
    nobody has checked whose keys these are. reader goes through the lanes (plainly, or quickly in
    several processes); begin is told the name of each check before it begins.
    """
    begin("files")
    day = read_day(files)
    if isinstance(day, Finding):
        return Verdict(checked=(), finding=day)
    work = _Work(day=day, pinned=pinned, reader=reader)
    checked = ["files"]
    unchecked = () if pinned is not None else ("keys against a known source",)
    finding = None
    for name, check in _CHECKS:
        if name == "epoch" and day.manifest.epoch == 0 and day.declared is None:
            continue
        begin(name)
        finding = check(work)
        if finding is not None:
            break
        checked.append(name)
    numbers = {name: _NUMBERS[name](work) for name in checked}
    return Verdict(checked=tuple(checked), unchecked=unchecked, finding=finding, numbers=numbers)


def _epoch(work: _Work) -> Finding | None:
    """The change of keys was declared as it must be."""
    return check_epoch(work.day)


def _signatures(work: _Work) -> Finding | None:
    """Platform, notary and auditor signed the manifest."""
    return check_signatures(work.day, work.pinned)


def _configs(work: _Work) -> Finding | None:
    """The configs are sound, signed and of one mind."""
    return check_configs(work.day)


def _rounds(work: _Work) -> Finding | None:
    """Every lane, round by round; every file of entries belongs to a lane with rounds."""
    day, unread = work.day, {path for path in work.day.files if path.startswith("entries/")}
    tasks = []
    for lane, rows in groupby(day.rows, key=lambda row: row.lane):
        path = exports.entries_file(lane)
        if path not in unread:
            return Finding(wrong=Wrong.MISSING_FILE, where=path)
        unread.remove(path)
        tasks.append(LaneTask(rules=_rules(day, lane), rows=tuple(rows)))
    for read in work.reader(day.files, tasks):
        if isinstance(read, Finding):
            return read
        work.tallies.append(read)
    for path in sorted(unread):
        return Finding(wrong=Wrong.UNKNOWN_FILE, where=path)
    return None


def _rules(day: ExportedDay, lane: int) -> LaneRules:
    """What a lane of the day is checked against."""
    config = day.config
    return LaneRules(
        day=day.manifest.day,
        declared=day.declared,
        lane=lane,
        lanes=config.lanes,
        tiers=len(config.tiers),
        round_max=max(one.round_max for one in day.configs.values()),
        epoch_start=day.epoch_start,
        configs=day.configs,
        tables=day.tables,
        topups=topups_of_lane(day.topups, lane),
    )


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
    found = in_lane(Wrong.WRONG_VOUCHERS, lane, idx=idx)
    return replace(found, where=f"{KEPT}: {found.where}")


def _totals(work: _Work) -> Finding | None:
    """The signed totals are the sum of the rounds."""
    day = work.day
    if exports.totals_of(day.rows, len(day.config.tiers)) != day.manifest.totals:
        return Finding(wrong=Wrong.WRONG_TOTALS, where=MANIFEST)
    return None


def _log(work: _Work) -> Finding | None:
    """The day stands in the public log."""
    day = work.day
    part, notes = day.manifest.log, day.files[CHECKPOINTS]
    return check_log(part, day.rows, notes, day.config, day.declared)


def _counts(work: _Work) -> Finding | None:
    """The wins are as many as chance gives."""
    return check_counts(work.tallies, work.day.tables)


def _runs(work: _Work) -> Finding | None:
    """Winners do not stand in rows."""
    return check_runs(work.tallies, work.day.tables)


_CHECKS: tuple[tuple[str, Callable[[_Work], Finding | None]], ...] = (
    ("epoch", _epoch),
    ("signatures", _signatures),
    ("configs", _configs),
    ("rounds", _rounds),
    ("vouchers", _vouchers),
    ("totals", _totals),
    ("log", _log),
    ("counts", _counts),
    ("runs", _runs),
)


def _files_read(work: _Work) -> dict[str, int]:
    """How many files, and how many bytes."""
    marks = work.day.manifest.files.values()
    return {"files": len(marks) + 1, "bytes": sum(mark.bytes for mark in marks)}


def _lanes_read(work: _Work) -> dict[str, int]:
    """How many lanes, rounds, entries and proofs."""
    return {
        "lanes": len(work.tallies),
        "rounds": len(work.day.rows),
        "entries": sum(tally.entered.total() for tally in work.tallies),
        "proofs": 2 * len(work.day.rows),
    }


def _totals_read(work: _Work) -> dict[str, int]:
    """The day's wins: kept, and cut for want of stock."""
    totals = work.day.manifest.totals
    return {"kept": sum(totals.kept), "cut": sum(totals.cut)}


def _log_read(work: _Work) -> dict[str, int]:
    """How many leaves the day added, and how many checkpoints were signed."""
    part, notes = work.day.manifest.log, work.day.files[CHECKPOINTS]
    origin = work.day.config.log.origin.encode() + b"\n"
    return {"leaves": len(part.leaves), "checkpoints": notes.count(origin)}


def _epochs_read(work: _Work) -> dict[str, int]:
    """How many of the day's rounds stand before the change of keys, and how many behind it."""
    declared, rows = work.day.declared, work.day.rows
    lanes = () if declared is None else declared.declaration.lanes
    behind = sum(row.lane < len(lanes) and row.seq >= lanes[row.lane].next_seq for row in rows)
    return {"before": len(rows) - behind, "after": behind}


_NUMBERS: dict[str, Callable[[_Work], dict[str, int]]] = {
    "epoch": _epochs_read,
    "files": _files_read,
    "signatures": lambda _: {"signatures": 3},
    "configs": lambda work: {"configs": len(work.day.configs)},
    "rounds": _lanes_read,
    "vouchers": lambda work: {"vouchers": len(work.day.kept)},
    "totals": _totals_read,
    "log": _log_read,
    "counts": lambda work: {"drawn": sum(tally.drawn.total() for tally in work.tallies)},
    "runs": lambda work: {"longest": max((one.longest_run for one in work.tallies), default=0)},
}
