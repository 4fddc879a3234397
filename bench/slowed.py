"""A house on a part of a core, so that what presses on it has the rest of the machine.  限制用量

Ten times what a house can take comes to it only where the generator can make ten times as much. On
one small machine it cannot, unless the house is held to less: then what it can take is less by as
much, and everything else is as it was.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from simulation.household import members_of

FIRST = Path("/sys/fs/cgroup/cpu")  # the older kind of control groups
SECOND = Path("/sys/fs/cgroup")
PERIOD_US = 20_000


@dataclass(frozen=True)
class Slowed:
    """A group of processes that share so many cores, and no more."""

    directory: Path

    def take(self, eldest: Iterable[int]) -> None:
        """Hold some processes, with all that descend from them now and later."""
        for pid in eldest:
            for process in members_of(pid):
                (self.directory / "cgroup.procs").write_text(str(process.pid))


@contextmanager
def slowed(cores: float) -> Iterator[Slowed | None]:
    """A group with so many cores; None where the machine lets nobody make one (it needs root)."""
    is_first = (FIRST / "cpu.cfs_quota_us").exists() or (FIRST / "cgroup.procs").exists()
    directory = (FIRST if is_first else SECOND) / f"huiquan-bench-{os.getpid()}"
    quota_us = str(int(cores * PERIOD_US))
    try:
        directory.mkdir()
        if is_first:
            (directory / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (directory / "cpu.cfs_quota_us").write_text(quota_us)
        else:
            (directory / "cpu.max").write_text(f"{quota_us} {PERIOD_US}")
    except OSError:
        _remove(directory)
        yield None
        return
    try:
        yield Slowed(directory)
    finally:
        _remove(directory)


def _remove(directory: Path) -> None:
    """Let go of the processes that are left, and of the group."""
    if not directory.exists():
        return
    for pid in (directory / "cgroup.procs").read_text().split():
        try:
            (directory.parent / "cgroup.procs").write_text(pid)
        except OSError:
            continue  # it ended meanwhile
    directory.rmdir()
