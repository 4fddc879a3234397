"""Verifying an exported day from its folder alone, in a process for each core.  验证"""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from huiquan.domain.exports import PublishedKeys, entries_file
from huiquan.domain.rounds import ENTRY_BYTES
from huiquan.domain.verdicts import Verdict
from huiquan.domain.verification_day import verify_day
from huiquan.domain.verification_quick import (
    PART_ENTRIES,
    LanePart,
    PartTally,
    read_part,
    read_quickly,
)

Told = Callable[[int, int], None]
"""Told how many parts of how many were read."""


class Folder(Mapping[str, bytes]):
    """The files of a folder by their path in it; a file is read when it is looked at.

    A day can be larger than the memory, so nothing is kept.
    """

    def __init__(self, root: Path) -> None:
        self._paths = {
            path.relative_to(root).as_posix(): path
            for path in sorted(root.rglob("*"))
            if not path.is_dir()
        }

    def __getitem__(self, path: str) -> bytes:
        """The bytes of one file."""
        return self._paths[path].read_bytes()

    def __iter__(self) -> Iterator[str]:
        """Every path, in order."""
        return iter(self._paths)

    def __len__(self) -> int:
        """How many files the folder holds."""
        return len(self._paths)

    def __contains__(self, path: object) -> bool:
        """True if the folder holds a file of this path."""
        return path in self._paths


def run_verify(
    directory: Path,
    pinned: PublishedKeys | None = None,
    *,
    processes: int | None = None,
    begin: Callable[[str], None] = lambda name: None,
    told: Told = lambda done, of: None,
) -> Verdict:
    """Check the export of a day; pinned are keys from another source than the folder.

    Needs no database and no network. The caller prints the verdict and exits 1 if it is wrong.
    begin is told each check before it begins, told how far the lanes are.
    """
    count = cores() if processes is None else processes
    hands = partial(_read_parts, directory, count, told)
    return verify_day(Folder(directory), pinned, partial(read_quickly, hands=hands), begin)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def time_plain_hashing(directory: Path) -> float:
    """Seconds that plain SHA-256 over the same files takes in one process: the yardstick."""
    folder = Folder(directory)
    began = time.perf_counter()
    for path in folder:
        hashlib.sha256(folder[path]).digest()
    return time.perf_counter() - began


def _read_parts(
    root: Path, processes: int, told: Told, parts: Sequence[LanePart]
) -> Iterator[PartTally | None]:
    """Read the parts of all lanes in their order; a small day is not worth other processes."""
    if processes < 2 or len(parts) < 2 or _entries_in(root, parts) < PART_ENTRIES:
        yield from _telling(told, len(parts), (_read(root, part) for part in parts))
        return
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
    try:
        yield from _telling(told, len(parts), pool.map(partial(_read, root), parts))
    finally:
        pool.shutdown(cancel_futures=True)


def _telling(told: Told, of: int, read: Iterable[PartTally | None]) -> Iterator[PartTally | None]:
    """Pass on what was read, and tell how far it is."""
    told(0, of)
    for done, one in enumerate(read, start=1):
        told(done, of)
        yield one


def _entries_in(root: Path, parts: Sequence[LanePart]) -> int:
    """How many entries lie in the files of these parts."""
    lanes = {part.rules.lane for part in parts}
    return sum((root / entries_file(lane)).stat().st_size for lane in lanes) // ENTRY_BYTES


def _read(root: Path, part: LanePart) -> PartTally | None:
    """Read one part from the disk: what the other processes do."""
    with (root / entries_file(part.rules.lane)).open("rb") as file:
        file.seek(part.start)
        return read_part(part, file.read(-1 if part.end is None else part.end - part.start))
