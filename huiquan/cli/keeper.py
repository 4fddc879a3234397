"""The keeper: ends a house whose `huiquan up` was killed before it could end it.  看护进程

    huiquan up --the pids of what runs, a line each time they change--> keeper
    huiquan up is gone, the pipe closes: the keeper ends what still runs, PostgreSQL last

Nobody writes to this pipe but `huiquan up`, so it closes with it, whatever ended it, on every
system. The keeper also has the lock of the house's home: who starts the house again meanwhile is
told that one is running there still.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

STOP_WAIT_S = 10.0
KILLED_WAIT_S = 1.0
DATABASE_WAIT_S = 60.0
LOOK_S = 0.05


@dataclass
class Keeper:
    """The keeper's process, as `huiquan up` sees it. It is started again if it died.

    data_dir: of the PostgreSQL that is the house's own, if it has one. lock: the number of an open
    file that is locked.
    """

    data_dir: Path | None
    lock: int
    _told: Sequence[int] = ()
    _process: "subprocess.Popen[bytes] | None" = None

    def tell(self, pids: Sequence[int]) -> None:
        """Say what runs now, in the order it was started: each the first of a group of its own."""
        if self._process is None or self._process.poll() is not None:
            self._start()
        elif pids == self._told:
            return
        self._told = list(pids)
        # If it dies in this moment, the next word starts another.
        with suppress(BrokenPipeError):
            self._pipe.write(json.dumps(self._told).encode() + b"\n")

    def dismiss(self) -> None:
        """Nothing has to be kept any more; what runs all the same is ended."""
        if self._process is not None:
            self._pipe.close()
            self._process.wait()

    @property
    def _pipe(self) -> IO[bytes]:
        assert self._process is not None
        assert self._process.stdin is not None
        return self._process.stdin

    def _start(self) -> None:
        words = [str(self.data_dir)] if self.data_dir is not None else []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "huiquan.cli.keeper", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            bufsize=0,
            pass_fds=[self.lock],
            # What ends the terminal's processes must not end this one.
            start_new_session=True,
        )


@contextmanager
def kept(data_dir: Path | None, lock: int) -> Iterator[Keeper]:
    """A keeper beside a house; afterwards nothing of the house runs."""
    keeper = Keeper(data_dir=data_dir, lock=lock)
    keeper.tell(())
    try:
        yield keeper
    finally:
        keeper.dismiss()


def end_processes(pids: Sequence[int], within_s: float = STOP_WAIT_S) -> None:
    """End these and the children in their groups, the last started first; what does not listen is
    killed."""
    groups = list(reversed(pids))
    for number, wait_s in ((signal.SIGTERM, within_s), (signal.SIGKILL, KILLED_WAIT_S)):
        for group in groups:
            _send(os.killpg, group, number)
        _until(lambda: not any(_send(os.killpg, group, 0) for group in groups), wait_s)


def end_database(data_dir: Path, within_s: float = DATABASE_WAIT_S) -> None:
    """Stop the PostgreSQL of this directory, if it runs: it ends its connections, writes all to
    disk and takes its pid file away. One that takes longer goes on, and the next start takes it
    over.
    """
    pid_file = data_dir / "postmaster.pid"
    words: list[str] = []
    with suppress(OSError):
        words = pid_file.read_text().split()
    if not words or not words[0].isdecimal():
        return
    postmaster = int(words[0])
    if not _is_postgres_of(data_dir, postmaster):
        return
    _send(os.kill, postmaster, signal.SIGINT)
    _until(lambda: not pid_file.exists() or not _send(os.kill, postmaster, 0), within_s)


def _is_postgres_of(data_dir: Path, pid: int) -> bool:
    """Whether this is the server of the directory. After a power cut its file stays, and its number
    is soon another's, in a container at once."""
    try:
        program, *words = psutil.Process(pid).cmdline() or [""]
    except (psutil.Error, OverflowError):
        return False
    return Path(program).name == "postgres" and str(data_dir.resolve()) in words


def _send(send: Callable[[int, int], None], target: int, number: int) -> bool:
    """Send a signal, 0 to ask only; False if it is gone, and its number perhaps another's."""
    try:
        send(target, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _until(is_so: Callable[[], bool], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not is_so() and time.monotonic() < deadline:
        time.sleep(LOOK_S)


def run(data_dirs: Sequence[str]) -> None:
    """Listen until the pipe closes, then end what runs."""
    pids: list[int] = []
    for line in sys.stdin:
        pids = json.loads(line)
    end_processes(pids)
    for data_dir in data_dirs:
        end_database(Path(data_dir))


if __name__ == "__main__":
    run(sys.argv[1:])
