"""What will be broken, when and how: written down before anything runs.  故障计划

The same seed and the same minutes give the same plan. What of it really fired is another matter
and is counted where it fires: a kill that meets a dead process does not count.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from math import ceil

MINUTE_S = 60.0
QUIET_AT_FIRST_S = 4.0
QUIET_AT_LAST_S = 2.0
FULL_DISK_EVERY = 2  # minutes


class Kind(StrEnum):
    """What a fault does."""

    KILL = "kill"  # kill -9 of a process, PostgreSQL with all its children
    KILL_COMMITTING = (
        "kill_committing"  # kill -9 of whoever sends or takes a commit, at that moment
    )
    KILL_WRITING = "kill_writing"  # the same at a statement that writes a table of money
    CUT_ALL = "cut_all"  # every connection of a line ends at once
    CUT_BEFORE = "cut_before"  # the line breaks and what was asked never arrives
    CUT_AFTER = "cut_after"  # it is carried through, and the answer is lost
    SLOW = "slow"  # everything on a line takes longer
    PART = "part"  # nothing passes a line, and nobody is told
    JUMP = "jump"  # the clock of the whole house jumps ahead
    SKEW = "skew"  # the clock of one process goes wrong
    FULL_DISK = "full_disk"  # the disk of PostgreSQL's log has no room
    LIE = "lie"  # an outsider is away, slow, or answers nonsense


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault: seconds from the beginning, its target, how long, and how much of it.

    Whoever lies in wait for a commit or a statement does so for so many seconds of the plan.
    amount is a share for cuts and lies, seconds for slow lines, jumps and skews; of a commit or a
    statement, 0 is before it arrives and 1 after. table: the one whose writing is waited for.
    """

    at_s: float
    kind: Kind
    target: str
    table: str = ""
    for_s: float = 0.0
    amount: float = 0.0

    @property
    def name(self) -> str:
        """Under which it is counted."""
        return f"{self.kind.value} {self.target} {self.table}".rstrip()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that will be tried."""

    seed: int
    minutes: float
    faults: tuple[Fault, ...]

    def write(self) -> str:
        """The plan as JSON, a line for each fault."""
        lines = ",\n".join(json.dumps(asdict(one), ensure_ascii=False) for one in self.faults)
        return f'{{"seed": {self.seed}, "minutes": {self.minutes}, "faults": [\n{lines}\n]}}\n'


PROCESSES = ("web-1", "web-2", "jobs", "rounds", "notary", "auditor", "database")
LINES = ("database", "front")
CLIENT = "client"  # the process whose commit it is
COMMIT_WITHIN_S = 15.0
# What cashiers and acquirers write, what a deed moves, what officials write, what platforms write;
# officials are at work once a day alone.
MONEY_WRITTEN = (
    (("locks", "redemptions", "refunds"), 30.0),
    (("vouchers", "transfers", "requests"), 30.0),
    (("settlements", "settlement_lines", "payment_files", "payment_lines", "bank_answers"), 75.0),
    (("online_orders", "order_parcels", "order_events"), 45.0),
)
OUTSIDERS = ("sms", "identity", "acquirers")


def make_plan(seed: int, minutes: float, *, with_disk: bool) -> Plan:
    """Faults of every kind in each minute, in an order and at moments that hang on the seed.

    with_disk: whether a disk may be filled here, which only root can arrange.
    """
    dice = random.Random(f"torture/{seed}")
    found: list[Fault] = []
    for minute in range(ceil(minutes)):
        has_disk = with_disk and minute % FULL_DISK_EVERY == 0
        deck = [*_deck(dice), *_full_disk(dice, has_disk)]
        dice.shuffle(deck)
        found += _spread(dice, deck, minute * MINUTE_S)
    last_s = minutes * MINUTE_S - QUIET_AT_LAST_S
    kept = [one for one in found if QUIET_AT_FIRST_S <= one.at_s <= last_s]
    return Plan(seed=seed, minutes=minutes, faults=tuple(kept))


def _deck(dice: random.Random) -> Iterator[Fault]:
    """The faults of a minute, without their moments."""
    for target in (*PROCESSES, dice.choice(PROCESSES[:4])):
        yield Fault(at_s=0, kind=Kind.KILL, target=target)
    for target, moment in ((CLIENT, 0), (CLIENT, 1), ("database", dice.randrange(2))):
        kind = Kind.KILL_COMMITTING
        yield Fault(at_s=0, kind=kind, target=target, for_s=COMMIT_WITHIN_S, amount=moment)
    for tables, for_s in MONEY_WRITTEN:
        yield Fault(
            at_s=0,
            kind=Kind.KILL_WRITING,
            target=dice.choice((CLIENT, CLIENT, "database")),
            table=dice.choice(tables),
            for_s=for_s,
            amount=dice.randrange(2),
        )
    for line in LINES:
        yield Fault(at_s=0, kind=Kind.CUT_ALL, target=line)
        yield _lasting(dice, Kind.CUT_BEFORE, line, (4, 8), (0.1, 0.3))
        yield _lasting(dice, Kind.CUT_AFTER, line, (5, 10), (0.15, 0.35))
        yield _lasting(dice, Kind.SLOW, line, (3, 6), (0.02, 0.1))
        yield _lasting(dice, Kind.PART, line, (1, 4), (0, 0))
    yield _lasting(dice, Kind.JUMP, "house", (0, 0), (2, 20))
    yield _lasting(dice, Kind.SKEW, dice.choice(("web-1", "web-2", "jobs")), (4, 8), (-0.4, 0.4))
    yield _lasting(dice, Kind.SKEW, dice.choice(("notary", "auditor")), (3, 5), (20, 3600))
    for outsider in OUTSIDERS:
        yield _lasting(dice, Kind.LIE, outsider, (5, 9), (0.2, 0.5))


def _full_disk(dice: random.Random, has_disk: bool) -> Iterator[Fault]:
    if has_disk:
        yield _lasting(dice, Kind.FULL_DISK, "database", (2, 4), (0, 0))


def _lasting(
    dice: random.Random,
    kind: Kind,
    target: str,
    long_s: tuple[float, float],
    much: tuple[float, float],
) -> Fault:
    return Fault(
        at_s=0,
        kind=kind,
        target=target,
        for_s=round(dice.uniform(*long_s), 1),
        amount=round(dice.uniform(*much), 3),
    )


def _spread(dice: random.Random, deck: Sequence[Fault], from_s: float) -> Iterator[Fault]:
    """Give each fault its moment: one in each slot of the minute, anywhere in its slot."""
    slot_s = MINUTE_S / len(deck)
    for place, one in enumerate(deck):
        yield replace(one, at_s=round(from_s + (place + dice.random()) * slot_s, 2))
