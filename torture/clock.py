"""The time of the house: it runs, jumps, and goes wrong in one process alone.  时钟

The house can read its clock from a file (`HUIQUAN_CLOCK_FILE`). Here a thread moves that file on,
twenty-five times a second; each process reads a name of its own, which leads to the common file
until its clock is made to go wrong.
"""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

TICK_S = 0.04
HOUSE = "house"


@dataclass
class Timekeeper:
    """A running clock in files; `skews` are the processes that go wrong, by how many seconds."""

    directory: Path
    start_at: datetime
    skews: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self._zero, self._at = time.monotonic(), self.start_at
        self._changing = threading.Lock()
        self._ended = threading.Event()
        self._tick()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def now(self) -> datetime:
        """What a clock of the house says that goes right."""
        with self._changing:
            return self._at + timedelta(seconds=time.monotonic() - self._zero)

    def file_for(self, name: str) -> Path:
        """The file from which a process reads the time."""
        path = self.directory / name
        if not path.exists():
            path.symlink_to(HOUSE)
        return path

    def jump(self, by: timedelta) -> None:
        """Move the whole house ahead."""
        with self._changing:
            self._at += by
            self._tick()

    def jump_to(self, at: datetime) -> None:
        """Move the whole house ahead to a moment; it never goes back."""
        self.jump(max(timedelta(), at - self.now()))

    def skew(self, name: str, by_s: float) -> None:
        """Let the clock of one process differ from the others by so many seconds."""
        with self._changing:
            self.skews[name] = by_s
            self._tick()

    def set_right(self, name: str) -> None:
        """Let the process read the common time again."""
        with self._changing:
            self.skews.pop(name, None)
            self._replace(name, None)

    def stop(self) -> None:
        """Let the time stand still."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(TICK_S):
            with self._changing:
                self._tick()

    def _tick(self) -> None:
        now = self._at + timedelta(seconds=time.monotonic() - self._zero)
        self._replace(HOUSE, now)
        for name, by_s in self.skews.items():
            self._replace(name, now + timedelta(seconds=by_s))

    def _replace(self, name: str, at: datetime | None) -> None:
        """A reader sees the old time or the new one, never half of it."""
        new = self.directory / f"{name}.new"
        new.unlink(missing_ok=True)
        if at is None:
            new.symlink_to(HOUSE)
        else:
            new.write_text(at.isoformat())
        new.replace(self.directory / name)
