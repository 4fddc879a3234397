"""The house clock: one time for every process.  时钟

Usually the real time. A demonstration adds an offset, so that every process lives on the same
campaign day; a simulation reads a stopped clock from a file and moves it by hand.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from huiquan.settings import Settings

Clock = Callable[[], datetime]


def make_clock(settings: Settings) -> Clock:
    """Give the clock these settings ask for; it answers the time with its zone."""
    if settings.clock_file is not None:
        return _stopped_clock(settings.clock_file)
    offset = timedelta(seconds=settings.clock_offset_s)
    return lambda: datetime.now(UTC) + offset


def _stopped_clock(path: Path) -> Clock:
    def read() -> datetime:
        return datetime.fromisoformat(path.read_text().strip())

    return read
