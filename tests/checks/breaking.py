"""One way to break a promise: the statements that do it, and what falls with it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Breakage:
    """A promise, the statements that break it, and the promises that fall with it."""

    check: str
    statements: tuple[str, ...]
    also: frozenset[str] = frozenset()


def breaks(check: str, *statements: str, also: str = "") -> Breakage:
    """One line of the table."""
    return Breakage(check=check, statements=statements, also=frozenset(also.split()))
