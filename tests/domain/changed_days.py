"""A day in the middle of which a signer's key is lost: before, the declaration, and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from huiquan.domain import draw_config, epochs, merkle, rounds
from huiquan.domain.epochs import Declaration, DeclaredEpoch, EpochSignatures, LaneStart, VoidSeal
from huiquan.domain.rounds import Entry, Seal
from huiquan.domain.signing import Purpose
from tests.domain.draw_days import KEYS, OPENS, SAME, DrawDay, a_plan, signer_for

NEW = "a new key"
NOON = OPENS + timedelta(hours=1)
Voided = Mapping[int, tuple[Seal, list[Entry]]]


def declaration_of(
    day: DrawDay, role: str, at: datetime, voided: Voided, **changes: Any
) -> Declaration:
    """The declaration of a change in the middle of a day; voided are seals never drawn, by lane."""
    lanes = []
    for lane in day.lanes:
        undrawn = voided.get(lane.lane)
        waits = undrawn[0].first_idx if undrawn else lane.next_idx - len(lane.entries)
        lanes.append(LaneStart(lane.next_seq, waits, lane.prev.hex()))
    seals = [
        VoidSeal(lane, rounds.seal_hash_of(rounds.encode_seal(seal)).hex())
        for lane, (seal, _) in sorted(voided.items())
    ]
    start = draw_config.epoch_start_of(day.config, day.cfg_hash)
    said = Declaration(
        campaign=day.config.campaign,
        platform=day.config.platform,
        epoch_start=start.hex(),
        role=role,  # type: ignore[arg-type]
        keys=KEYS,
        new_key=signer_for(NEW).key.hex(),
        reason="签发机磁盘损坏，备份无法读取",
        declared_at=at,
        log=epochs.LogHead(size=day.frontier.size, root=day.frontier.root().hex()),
        lanes=tuple(lanes),
        voided=tuple(seals),
    )
    return replace(said, **changes)


def declared(
    said: Declaration, *, platform: str = "platform", survivor: str = "", successor: str = NEW
) -> DeclaredEpoch:
    """The declaration with three signatures; whoever is named signs in the place of those due."""
    raw = epochs.encode_declaration(said)
    signed = epochs.declaration_hash_of(raw)

    def sign(party: str) -> bytes:
        return signer_for(party).sign(Purpose.EPOCH, signed)

    return DeclaredEpoch(
        declaration=said,
        raw=raw,
        signatures=EpochSignatures(
            platform=sign(platform),
            survivor=sign(survivor or said.survivor),
            successor=sign(successor),
        ),
    )


def successor_of(day: DrawDay, said: Declaration, **changes: Any) -> draw_config.DrawConfig:
    """The config that takes the day over, published at the declaration."""
    at = said.declared_at
    taken_over = epochs.succeed(day.config, said, day.config.days, at, at + timedelta(hours=12))
    return replace(taken_over, **changes)


def change_keys(
    day: DrawDay, role: str, at: datetime, voided: Voided, **changes: Any
) -> DeclaredEpoch:
    """A key is declared lost and logged; the new one takes the day over where it was left."""
    epoch = declared(declaration_of(day, role, at, voided, **changes))
    said, leaf = epoch.declaration, merkle.leaf_hash(epochs.leaf_of(epoch))
    day.leaves.append(leaf.hex())
    day.frontier = day.frontier.append(leaf)
    day.change_config(successor_of(day, said))
    day.parties = {**SAME, role: NEW}
    day.epoch_file = epochs.encode_epoch(epoch)
    for lane in day.lanes:
        undrawn = voided.get(lane.lane)
        lane.entries = [*(undrawn[1] if undrawn else ()), *lane.entries]
        lane.prev = epochs.first_link(said, epoch.hash, lane.lane)
    day.publish_checkpoint()
    return epoch


@dataclass
class ChangedDay:
    """A day with its change of keys; entered holds everyone of each lane, in order."""

    role: str = "notary"
    day: DrawDay = field(default_factory=DrawDay)
    voided: dict[int, tuple[Seal, list[Entry]]] = field(default_factory=dict)
    entered: dict[int, list[Entry]] = field(default_factory=dict)

    def enter(self, count: int) -> None:
        """So many people enter."""
        for entry in self.day.enter(count):
            self.entered.setdefault(entry.lane, []).append(entry)

    def change(self, **changes: Any) -> None:
        """The key is declared lost; the new one takes the day over where it was left."""
        self.epoch = change_keys(self.day, self.role, NOON, self.voided, **changes)

    def files(self) -> dict[str, bytes]:
        """The export of the day, signed by the new key, with the declaration in it."""
        raw = {lane: rounds.encode_entries(entries) for lane, entries in self.entered.items()}
        return self.day.files(raw)


def a_changed_day(
    role: str = "notary",
    people: int = 160,
    day: DrawDay | None = None,
    cosigners: Sequence[str] = ("notary", "auditor"),
) -> ChangedDay:
    """Two thirds entered, some were drawn, a seal was not; the others enter behind the change.

    cosigners witness the log from the declaration on.
    """
    day = day or DrawDay()
    changed, count = ChangedDay(role=role, day=day), people // 11
    changed.enter(people * 2 // 3)
    for lane in (0, 1, 0):
        day.draw(lane, 10, count)
    changed.voided[0] = day.seal(0, 10, count)
    day.cosigners = cosigners
    changed.change()
    changed.enter(people - people * 2 // 3)
    while any(lane.entries for lane in day.lanes):
        for lane in day.lanes:
            if lane.entries:
                day.draw(lane.lane, 23, 20)
    return changed


def a_day_behind(changed: ChangedDay) -> tuple[DrawDay, dict[str, bytes]]:
    """The day after the change, drawn under the new key alone, with the declaration beside it."""
    tomorrow = changed.day.day + 1
    days = {tomorrow: a_plan(day=tomorrow)}
    config = successor_of(changed.day, changed.epoch.declaration, days=days)
    day = the_next_day(changed.day, config)
    return day, day.files(draw_all(day))


def the_next_day(first: DrawDay, config: draw_config.DrawConfig) -> DrawDay:
    """The day after another one: people, lanes, log and whoever signs go on."""
    day = DrawDay(
        config=config,
        day=first.day + 1,
        frontier=first.frontier,
        people=first.people,
        parties=first.parties,
        cosigners=first.cosigners,
        epoch_file=first.epoch_file,
    )
    for lane, earlier in zip(day.lanes, first.lanes, strict=True):
        lane.next_idx, lane.next_seq, lane.prev = earlier.next_idx, earlier.next_seq, earlier.prev
    return day


def draw_all(day: DrawDay, people: int = 60) -> dict[int, bytes]:
    """So many enter and are drawn; gives the entries of each lane."""
    entered: dict[int, list[Entry]] = {}
    for entry in day.enter(people):
        entered.setdefault(entry.lane, []).append(entry)
    while any(lane.entries for lane in day.lanes):
        for lane in day.lanes:
            if lane.entries:
                day.draw(lane.lane, 11, 20)
    return {lane: rounds.encode_entries(entries) for lane, entries in entered.items()}
