"""What a seeded bug is: what it does, on which drill it shows, and which guard has to find it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.bugs.planting import Edit
from tests.bugs.stage import Stage

Drill = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Bug:
    """name in a few words, does in a sentence; caught_by begins one of the things found."""

    name: str
    does: str
    drill: Drill
    caught_by: str
    edits: tuple[Edit, ...] = ()
    statements: tuple[str, ...] = ()


def bug(
    name: str,
    does: str,
    drill: Drill,
    caught_by: str,
    *edits: Edit,
    tables: str = "",
) -> Bug:
    """One line of the list; tables are statements, parted by semicolons."""
    statements = tuple(one.strip() for one in tables.split(";") if one.strip())
    return Bug(
        name=name,
        does=does,
        drill=drill,
        caught_by=caught_by,
        edits=edits,
        statements=statements,
    )
