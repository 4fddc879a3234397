"""Every seeded bug, and how one is played: planted on a copy of a drawn day, on its drill."""

from collections.abc import Sequence

from huiquan.db.embedded import Embedded
from tests.bugs.bug import Bug, Drill
from tests.bugs.drills_door import DOOR_DRILLS
from tests.bugs.drills_money import MONEY_DRILLS
from tests.bugs.drills_till import TILL_DRILLS
from tests.bugs.list_accounts import ACCOUNT_BUGS
from tests.bugs.list_money import DOOR_BUGS, SETTLEMENT_BUGS
from tests.bugs.list_till import TILL_BUGS
from tests.bugs.planting import plant_in_database, planted
from tests.bugs.stage import Stage, play
from tests.drawn import copy_of, drawn_day

BUGS: Sequence[Bug] = (*TILL_BUGS, *SETTLEMENT_BUGS, *ACCOUNT_BUGS, *DOOR_BUGS)
DRILLS: Sequence[Drill] = (*TILL_DRILLS, *MONEY_DRILLS, *DOOR_DRILLS)

GUARDS = {
    "table": "a constraint of the tables refuses",
    "statement": "a statement that writes finds nothing to write",
    "history": "what people were told is not what they were told before, or not there",
    "books": "an outsider's own book tells otherwise",
    "question": "a question of huiquan/db/checks",
    "register": "the register, added up by another program",
}


async def played(postgres: Embedded, drill: Drill, bug: Bug | None = None) -> set[str]:
    """Play a drill, with a bug or without one; gives all that found something."""
    async with copy_of(postgres, drawn_day(postgres)) as place:
        for statement in bug.statements if bug else ():
            await place.owner.execute(statement)
        await plant_in_database(place.owner, bug.edits if bug else ())
        with planted(bug.edits if bug else ()):
            return await play(Stage(place=place), drill)


def is_caught(bug: Bug, found: set[str]) -> bool:
    """Whether the guard that is named for it found it."""
    return any(one.startswith(bug.caught_by) for one in found)


def page() -> str:
    """The list as it stands in docs/operating/seeded-bugs.md."""
    guards = "\n".join(f"* **{name}**: {what}" for name, what in GUARDS.items())
    rows = "\n".join(
        f"| {bug.name} | {bug.does} | `{bug.drill.__name__}` | {bug.caught_by.strip()} |"
        for bug in BUGS
    )
    return _PAGE.format(bugs=len(BUGS), drills=len(DRILLS), guards=guards, rows=rows)


_PAGE = """\
# Seeded bugs: the guards are tested too

{bugs} bugs are planted on purpose, one at a time, into a copy of a day that was really drawn, and
each is found. The same {drills} drills without a bug find nothing: a drill can fail both ways.
The product has no hook for it. A bug changes the text of a function that is loaded, or drops what
the tables hold, from outside (`tests/bugs/planting.py`). `make bugs` plays them all and prints what
found each; this page is written from `tests/bugs/planted.py`, and a test holds it so. What finds
a bug is one of

{guards}

| bug | what it does | drill | caught by |
|---|---|---|---|
{rows}

Seven of them no guard of the product found at first. The questions `h11_guards_stand`,
`i20_compensations_are_bounded`, `i28_debts_are_kept_first`, `i28_holds_are_kept`,
`i29_cases_are_explained`, `i31_news_follow_redemptions` and `i32_no_late_tranche_is_silent` were
written for them, and `i19_one_payment_one_redemption` asks more than it did.
"""
