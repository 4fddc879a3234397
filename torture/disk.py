"""A disk that can be filled: a small one of its own for PostgreSQL's log.  磁盘写满

Only root can mount one. PostgreSQL keeps its write-ahead log on it; once the disk is full it can
write no more of it, stops, and stands up again when there is room.
"""

import asyncio
import os
import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from huiquan.db.embedded import Embedded

SIZE = "256m"
# So small that a disk of this size never fills by itself, and that a full one is noticed soon.
FEW_SEGMENTS = "\nmax_wal_size = 96MB\nmin_wal_size = 32MB\n"
BALLAST = "ballast"
ANSWERS_WITHIN_S = NOTICED_WITHIN_S = 30.0
LOOK_WITHIN_S = 5.0
AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a look at a server may meet that is going away, or is not there yet."""


def may_mount() -> bool:
    """Whether a disk of its own can be arranged here: root, with a system that lets it mount."""
    return os.geteuid() == 0 and shutil.which("mount") is not None


@dataclass(frozen=True, kw_only=True)
class SmallDisk:
    """The mounted disk on which the log stands."""

    path: Path

    def fill(self) -> None:
        """Leave no room at all."""
        with (self.path / BALLAST).open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"\0" * 65536)

    def free(self) -> None:
        """Give the room back."""
        (self.path / BALLAST).unlink(missing_ok=True)

    def give_back(self, data: Path) -> None:
        """Move the log of a stopped server to where it was, and unmount the disk."""
        log = data / "pg_wal"
        log.unlink()
        subprocess.run(["cp", "-a", str(self.path / "pg_wal"), str(log)], check=True)
        subprocess.run(["umount", "--lazy", str(self.path)], check=False, capture_output=True)


def mount_log(embedded: Embedded, data: Path) -> SmallDisk | None:
    """Move the log of a fresh server to a small disk of its own; None where that cannot be."""
    disk = SmallDisk(path=data.parent / "log-disk")
    disk.path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0755", "tmpfs", str(disk.path)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        return None
    embedded.stop()
    log, moved = data / "pg_wal", disk.path / "pg_wal"
    owner = log.stat()
    subprocess.run(["cp", "-a", str(log), str(moved)], check=True)
    shutil.rmtree(log)
    log.symlink_to(moved)
    os.chown(log, owner.st_uid, owner.st_gid, follow_symlinks=False)
    with (data / "huiquan.conf").open("a") as conf:
        conf.write(FEW_SEGMENTS)
    embedded.start()
    return disk


async def until_it_answers(embedded: Embedded) -> bool:
    """Wait for a server that may be standing up just now; False when it does not."""
    deadline = time.monotonic() + ANSWERS_WITHIN_S
    while time.monotonic() < deadline:
        with suppress(*AWAY):
            connection = await asyncpg.connect(embedded.url("postgres"), timeout=LOOK_WITHIN_S)
            connection.terminate()
            return True
        await asyncio.sleep(0.1)
    return False


async def until_noticed(embedded: Embedded) -> bool:
    """Have PostgreSQL ask for room for its log; True once it found that there is none."""
    deadline = time.monotonic() + NOTICED_WITHIN_S
    while embedded.is_running():
        if time.monotonic() > deadline:
            return False
        # A line that breaks says nothing of the disk, and a server that stands up asks for room.
        with suppress(*AWAY):
            async with asyncio.timeout(LOOK_WITHIN_S):
                await _ask_for_room(embedded)
        await asyncio.sleep(0.1)
    return True


async def _ask_for_room(embedded: Embedded) -> None:
    connection = await asyncpg.connect(embedded.url("postgres"))
    try:
        while True:
            # Each takes a new segment, which has to be made anew on the disk.
            await connection.fetch("select pg_logical_emit_message(true, 'x', 'x')")
            await connection.fetch("select pg_switch_wal()")
    finally:
        connection.terminate()
