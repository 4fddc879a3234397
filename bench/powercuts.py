"""A power cut, for what kill -9 cannot show: the system still has a killed program's writes.  断电

The files live on a disk of their own, which is a file on another disk (needs root, and Linux). At
the cut, what remembers is stopped in mid-step and that file is copied: the copy has only what had
been written through, as a disk has after the plug was pulled. The copy takes the place of the disk,
and the program starts again from it.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from bench.contenders import Running
from huiquan.db.embedded import Embedded
from simulation.household import kill_hard, members_of

IMAGE_BYTES = 6 * 2**30
REMEMBERS = ("postgres", "redis")


@dataclass
class Disk:
    """A disk that is a file: where the file is, and where it is mounted."""

    image: Path
    mount: Path
    cuts: int = 0
    mounted: int = 0

    def plug(self) -> None:
        """Mount it; what was there before is left to those who still hold it open."""
        _run("mount", "-o", "loop", str(self.image), str(self.mount))
        self.mounted += 1

    def unplug(self) -> None:
        """Take it away at once."""
        _run("umount", "-l", str(self.mount))
        self.mounted -= 1

    def cut(self) -> Path:
        """Keep what had been written through by now, as another image."""
        self.cuts += 1
        kept = self.image.with_name(f"cut-{self.cuts}.img")
        _run("cp", "--sparse=always", str(self.image), str(kept))
        return kept

    def exchange(self, image: Path) -> None:
        """Go on with another image."""
        self.unplug()
        self.image.unlink()
        self.image = image
        self.plug()


def _run(*words: str) -> None:
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    if told.returncode:
        raise OSError(f"{' '.join(words)}: {told.stderr.strip()}")


@contextmanager
def disk() -> Iterator[Disk | None]:
    """A disk of its own, or None where none can be made."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        yield None
        return
    where = Path(tempfile.mkdtemp(prefix="huiquan-disk-"))
    found = Disk(image=where / "disk.img", mount=where / "disk")
    found.mount.mkdir()
    try:
        with found.image.open("wb") as file:
            file.truncate(IMAGE_BYTES)
        try:
            _run("mkfs.ext4", "-q", str(found.image))
            found.plug()
            # PostgreSQL runs as somebody else, who must be able to walk in.
            where.chmod(0o755)
        except OSError:
            yield None
            return
        yield found
    finally:
        while found.mounted:
            with suppress(OSError):
                found.unplug()
                continue
            break
        shutil.rmtree(where, ignore_errors=True)


def with_power_cut(running: Running, on: Disk, embedded: Embedded) -> Running:
    """The same contender, whose kill is a power cut. PostgreSQL is on the same disk: whether it is
    the one that remembers or not, it goes down with it."""
    kept: list[Path] = []
    # What was prepared is not what is measured: all of it is on the disk before people come.
    _run("sync", "-f", str(on.mount))

    def kill() -> None:
        family = running.family()
        eldest = [pid for name in REMEMBERS for pid in family.get(name, [])]
        for process in (one for pid in eldest for one in members_of(pid)):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGSTOP)
        kept.append(on.cut())
        running.kill()
        kill_hard(embedded.pid)

    def restart() -> None:
        on.exchange(kept.pop())
        embedded.start()
        running.restart()

    return replace(running, kill=kill, restart=restart)
