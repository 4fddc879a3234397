"""Walking one lane of a day, round by round, and drawing it again.  逐轮复算

The walk starts from what the first seal of the day says about the past (its number, its link, its
first entry) and allows no gap after it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from huiquan.domain import exports, lottery, merkle, rounds, vrf
from huiquan.domain.draw_config import DrawConfig, Keys
from huiquan.domain.epochs import DeclaredEpoch
from huiquan.domain.exports import RoundRow
from huiquan.domain.hashes import ZERO_HASH
from huiquan.domain.lottery import Tables
from huiquan.domain.rounds import Entry, Final, Seal
from huiquan.domain.stock import Account, TopUp, left_before
from huiquan.domain.verdicts import Finding, Wrong, in_lane
from huiquan.domain.verification_epoch import decide_epoch, is_first_of_epoch
from huiquan.domain.verification_files import Files, was_begun


@dataclass(frozen=True, kw_only=True)
class LaneRules:
    """What every round of a lane is checked against."""

    day: int
    declared: DeclaredEpoch | None
    lane: int
    lanes: int
    tiers: int
    round_max: int
    epoch_start: bytes
    configs: Mapping[bytes, DrawConfig]
    tables: Tables
    topups: Sequence[TopUp]


@dataclass(kw_only=True)
class LaneTally:
    """What the walk of a lane counted, for the checks that look at the whole day.

    kept holds (lane, idx) -> tier; entered counts by (hour, pack), drawn by (hour, tier) before
    any cut; longest_run is the most neighbours in a row that drew a tier.
    """

    lane: int
    kept: dict[tuple[int, int], int] = field(default_factory=dict)
    entered: Counter[tuple[int, int]] = field(default_factory=Counter)
    drawn: Counter[tuple[int, int]] = field(default_factory=Counter)
    longest_run: int = 0
    run: int = 0


@dataclass(frozen=True, kw_only=True)
class LaneTask:
    """One lane to be read: what it is checked against, and its rounds of the day in order."""

    rules: LaneRules
    rows: tuple[RoundRow, ...]


Reader = Callable[[Files, Sequence[LaneTask]], Iterator[LaneTally | Finding]]
"""Reads lanes in order, each to its tally or to what is wrong; then nobody asks for more."""


@dataclass(kw_only=True)
class Walk:
    """Where the walk stands: the round before, and everyone seen so far."""

    rules: LaneRules
    tally: LaneTally
    seen: set[bytes] = field(default_factory=set)
    account: Account | None = None
    before: Seal | None = None
    before_hash: bytes = b""


def read_plainly(files: Files, tasks: Sequence[LaneTask]) -> Iterator[LaneTally | Finding]:
    """Every lane one after another, entry by entry: the reading that the words of a verdict use."""
    for task in tasks:
        yield walk_lane(task.rules, task.rows, files[exports.entries_file(task.rules.lane)])


def walk_lane(
    rules: LaneRules, rows: Sequence[RoundRow], raw_entries: bytes
) -> LaneTally | Finding:
    """Check every round of a lane in order; the first thing wrong is named with its round."""
    walk = Walk(rules=rules, tally=LaneTally(lane=rules.lane))
    at = 0
    for row in rows:
        try:
            sealed = rounds.decode_seal(bytes.fromhex(row.seal))
            drawn = rounds.decode_final(bytes.fromhex(row.final))
            end = at + sealed.count * rounds.ENTRY_BYTES
            entries = rounds.decode_entries(raw_entries[at:end])
        except rounds.BadRecordError as error:
            found = in_lane(Wrong.UNREADABLE, rules.lane, row.seq)
            return replace(found, where=f"{found.where}: {error}")
        finding = _round(walk, row, sealed, drawn, raw_entries[at:end], entries)
        if finding is not None:
            return finding
        at = end
        step(walk, row, sealed, drawn)
    if at != len(raw_entries):
        return in_lane(Wrong.WRONG_COUNT, rules.lane)
    return walk.tally


def step(walk: Walk, row: RoundRow, sealed: Seal, drawn: Final) -> None:
    """Go on behind a round."""
    left = lottery.left_after(sealed, drawn)
    walk.account = Account(day=sealed.day, slot=sealed.slot, left_after=left)
    walk.before, walk.before_hash = sealed, rounds.seal_hash_of(bytes.fromhex(row.seal))


def decide_place(walk: Walk, row: RoundRow, sealed: Seal, drawn: Final) -> Wrong | None:
    """What is wrong with a round's place: what its line says of itself, and its link."""
    return _row(row, sealed, drawn) or _chain(walk, sealed)


def decide_stock(walk: Walk, sealed: Seal) -> Wrong | None:
    """The stock is what was left and what the passed hours brought."""
    rules = walk.rules
    left = left_before(walk.account, sealed.day, sealed.slot, rules.topups, rules.tiers)
    return None if left == sealed.left_before else Wrong.WRONG_STOCK


def betas_of(keys: Keys, seal_hash: bytes, final: Final) -> tuple[bytes, bytes] | None:
    """Both signers' outputs for a seal, or nothing if a proof does not hold."""
    notary = vrf.verify(bytes.fromhex(keys.notary), vrf.seal_alpha("N", seal_hash), final.pi_notary)
    auditor = vrf.verify(
        bytes.fromhex(keys.auditor), vrf.seal_alpha("W", seal_hash), final.pi_auditor
    )
    return None if notary is None or auditor is None else (notary, auditor)


def _round(
    walk: Walk, row: RoundRow, sealed: Seal, drawn: Final, raw: bytes, entries: Sequence[Entry]
) -> Finding | None:
    """The first thing that is wrong with a round, its entries or its draw."""
    lane, seq = walk.rules.lane, row.seq
    wrong = decide_place(walk, row, sealed, drawn)
    if wrong is not None:
        return in_lane(wrong, lane, seq)
    wrong, idx = _entries(walk, sealed, raw, entries)
    if wrong is not None:
        return in_lane(wrong, lane, seq, idx)
    wrong = decide_stock(walk, sealed) or _draw(walk, row, sealed, drawn, entries)
    return None if wrong is None else in_lane(wrong, lane, seq)


def _row(row: RoundRow, seal: Seal, final: Final) -> Wrong | None:
    """The line says the same as the records in it."""
    said = (row.lane, row.seq, row.pi_notary, row.pi_auditor)
    if said != (seal.lane, seal.seq, final.pi_notary.hex(), final.pi_auditor.hex()):
        return Wrong.CHAIN_BROKEN
    return None


def _chain(walk: Walk, seal: Seal) -> Wrong | None:
    """The round follows the one before: number, link, first entry, hour; under a known config."""
    rules, before = walk.rules, walk.before
    config = rules.configs.get(seal.cfg_hash)
    if config is None:
        return Wrong.CONFIG_UNKNOWN
    if not was_begun(config, rules.day, seal.slot):
        return Wrong.CONFIG_NOT_IN_FORCE
    if (seal.epoch, seal.lane, seal.day) != (config.epoch, rules.lane, rules.day):
        return Wrong.WRONG_ENTRY
    if rules.declared is not None:
        past = None if before is None else (before, walk.before_hash)
        wrong = decide_epoch(rules.declared, seal, past)
        if wrong is not None:
            return wrong
    if seal.slot > 23 or (before is not None and seal.slot < before.slot):
        return Wrong.WRONG_SLOT
    if before is None:
        started = seal.seq == 0
        if started != (seal.prev_seal_hash == ZERO_HASH):
            return Wrong.CHAIN_BROKEN
        return Wrong.IDX_GAP if started and seal.first_idx != 0 else None
    goes_on = seal.prev_seal_hash == walk.before_hash or is_first_of_epoch(rules.declared, seal)
    if seal.seq != before.seq + 1 or not goes_on:
        return Wrong.CHAIN_BROKEN
    return None if seal.first_idx == before.first_idx + before.count else Wrong.IDX_GAP


def _entries(
    walk: Walk, seal: Seal, raw: bytes, entries: Sequence[Entry]
) -> tuple[Wrong | None, int | None]:
    """The entries are the sealed ones, without a gap, each person once and in their lane.

    Answers what is wrong, and with which entry if it is one.
    """
    rules = walk.rules
    if len(entries) != seal.count or not 0 < seal.count <= rules.round_max:
        return Wrong.WRONG_COUNT, None
    if merkle.root_of(rounds.split_entries(raw)) != seal.root:
        return Wrong.WRONG_ROOT, None
    for idx, entry in enumerate(entries, start=seal.first_idx):
        if (entry.lane, entry.day) != (seal.lane, seal.day):
            return Wrong.WRONG_ENTRY, idx
        if entry.idx != idx:
            return Wrong.IDX_GAP, idx
        if entry.pack not in rules.tables:
            return Wrong.UNKNOWN_PACK, idx
        if entry.pid in walk.seen:
            return Wrong.PID_TWICE, idx
        if lottery.lane_of(rules.epoch_start, entry.pid, rules.lanes) != rules.lane:
            return Wrong.WRONG_LANE, idx
        walk.seen.add(entry.pid)
    return None, None


def _draw(
    walk: Walk, row: RoundRow, seal: Seal, final: Final, entries: Sequence[Entry]
) -> Wrong | None:
    """Both proofs hold, and drawing again gives this final, bit for bit."""
    seal_hash = rounds.seal_hash_of(bytes.fromhex(row.seal))
    betas = betas_of(walk.rules.configs[seal.cfg_hash].keys, seal_hash, final)
    if betas is None:
        return Wrong.BAD_PROOF
    drawn = lottery.draw_round(seal, entries, walk.rules.tables, *betas)
    if lottery.final_of(seal_hash, final.pi_notary, final.pi_auditor, drawn) != final:
        return Wrong.WRONG_DRAW
    _count(walk.tally, seal.slot, entries, drawn.outcomes)
    return None


def _count(
    tally: LaneTally, slot: int, entries: Sequence[Entry], outcomes: Sequence[lottery.Outcome]
) -> None:
    """Add a round to the tally."""
    for entry, (tier, kept) in zip(entries, outcomes, strict=True):
        tally.entered[slot, entry.pack] += 1
        tally.run = tally.run + 1 if tier else 0
        tally.longest_run = max(tally.longest_run, tally.run)
        if tier:
            tally.drawn[slot, tier] += 1
        if kept:
            tally.kept[tally.lane, entry.idx] = tier
