"""The signer's own clock: real, shifted for a rehearsal, or stopped for a simulation.  时钟"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]


def real_clock(offset_s: int = 0) -> Clock:
    """The machine's clock, shifted by whole seconds."""
    offset = timedelta(seconds=offset_s)
    return lambda: datetime.now(UTC) + offset


def file_clock(path: Path) -> Clock:
    """A clock that stands at the ISO time written in a file, and moves when the file does.

    Refuses (ValueError) a time without a zone.
    """

    def now() -> datetime:
        at = datetime.fromisoformat(path.read_text().strip())
        if at.tzinfo is None:
            raise ValueError("the time in the clock file needs its zone")
        return at

    return now
