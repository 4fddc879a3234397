"""The machine: processes, ports, and what they used.  机器、进程、用量"""

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from simulation.household import members_of

Family = Mapping[str, Sequence[int]]
"""The processes that answer together, by what they are for: the ids of their eldest."""

_SYNCS = 200


SERVER = "postgres"
USERS = ("web", "rounds", "jobs")


@dataclass(frozen=True, kw_only=True)
class Used:
    """What a family has used since it was started: CPU seconds and, now, memory in bytes.

    memory is what is a part's own (USS), resident all it can reach in the machine's memory (RSS),
    of which several processes may share some.
    """

    cpu_s: Mapping[str, float]
    memory: Mapping[str, int]
    resident: Mapping[str, int]

    def since(self, before: "Used") -> dict[str, float]:
        """CPU seconds used in between, by part."""
        return {name: cpu - before.cpu_s.get(name, 0.0) for name, cpu in self.cpu_s.items()}


def used_by(family: Family) -> Used:
    """Look at every process of a family, its children included.

    What PostgreSQL does for one of the house's processes is a part of its own, such as
    `postgres for web`: each of them comes as a database user of its own name.
    """
    cpu_s: dict[str, float] = {}
    memory: dict[str, int] = {}
    resident: dict[str, int] = {}
    for name, eldest in family.items():
        cpu_s[name] = memory[name] = resident[name] = 0
        for process in (one for pid in eldest for one in members_of(pid)):
            part = _server_part(process) if name == SERVER else name
            own, whole = _bytes_of(process)
            cpu_s[part] = cpu_s.get(part, 0.0) + _cpu_s(process)
            memory[part] = memory.get(part, 0) + own
            resident[part] = resident.get(part, 0) + whole
    return Used(cpu_s=cpu_s, memory=memory, resident=resident)


def _server_part(process: psutil.Process) -> str:
    """For whom a process of PostgreSQL works, by its title: `postgres: web run [local] idle`."""
    with suppress(psutil.NoSuchProcess, IndexError):
        words = process.cmdline()[0].split()
        if words[0] == "postgres:" and words[1] in USERS:
            return f"{SERVER} for {words[1]}"
    return SERVER


def _cpu_s(process: psutil.Process) -> float:
    """With the children it has outlived, such as PostgreSQL's finished ones."""
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0


def _bytes_of(process: psutil.Process) -> tuple[int, int]:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        found = process.memory_full_info()
        return int(found.uss), int(found.rss)
    return 0, 0


def sync_ms(directory: Path) -> float:
    """How long one small write takes until it is on the disk, in milliseconds; the median."""
    path = directory / "sync-probe"
    took = []
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for turn in range(_SYNCS):
            began = time.perf_counter()
            os.pwrite(handle, b"x" * 4096, turn * 4096)
            os.fdatasync(handle)
            took.append(time.perf_counter() - began)
    finally:
        os.close(handle)
        path.unlink()
    return statistics.median(took) * 1000


def about(directory: Path) -> dict[str, str]:
    """What a reader has to know of this machine."""
    load = "/".join(f"{one:.1f}" for one in os.getloadavg())
    return {
        "cores": str(os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total // 2**30} GiB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "4 KiB written and synced": f"{sync_ms(directory):.2f} ms",
        "load before the run (1/5/15 min)": load,
    }


def version_of(*command: str) -> str:
    """The first line a program says about its version, or that it is not here."""
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "not here"
    lines = (told.stdout + told.stderr).strip().splitlines()
    return lines[0] if lines else "says nothing"
