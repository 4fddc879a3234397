"""Whatever ends `huiquan up`, what it started does not go on without it."""

import fcntl
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from huiquan.cli.keeper import end_database, end_processes

# Notes its name when it is told to stop; what stands for PostgreSQL has a pid file, as that has.
CHILD = """
import os, signal, sys
from pathlib import Path

name, sign, home = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
pid_file = home / "postmaster.pid" if name == "postgres" else home / f"{name}.pid"

def stop(number, frame):
    with (home / "ended").open("a") as ended:
        ended.write(f"{name}\\n")
    pid_file.unlink()
    sys.exit()

signal.signal(sign, stop)
pid_file.write_text(f"{os.getpid()}\\n{home}\\n")
while True:
    signal.pause()
"""
# As `huiquan up` does it: a lock, a keeper, children.
PARENT = f"""
import fcntl, signal, sys
from pathlib import Path
from huiquan.cli.keeper import kept
from huiquan.cli.processes import Processes

CHILD = {CHILD!r}
home = Path(sys.argv[1])
with (home / "lock").open("w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    with kept(home, lock.fileno()) as keeper:
        processes = Processes(logs=home / "logs", environment={{}}, tell=keeper.tell)
        processes.start("web", ["-c", CHILD, "web", str(int(signal.SIGTERM)), str(home)])
        processes.children[0].process.kill()
        while not processes.revive():
            pass
        processes.start("jobs", ["-c", CHILD, "jobs", str(int(signal.SIGTERM)), str(home)])
        print("up", flush=True)
        signal.pause()
"""
PIDS = ("web.pid", "jobs.pid", "postmaster.pid")


@contextmanager
def running(*words: str, name: str = sys.executable) -> Iterator["subprocess.Popen[str]"]:
    """A Python process with these words, under a name, killed in the end."""
    with subprocess.Popen(
        [name, *words],
        executable=sys.executable,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until_there(paths: list[Path]) -> None:
    """Wait for files of other processes."""
    deadline = time.monotonic() + 60
    while not all(path.exists() for path in paths):
        assert time.monotonic() < deadline, paths
        time.sleep(0.02)


def test_a_house_whose_parent_is_killed_is_ended_in_order_and_then_its_home_is_free(
    tmp_path: Path,
) -> None:
    interrupt = str(int(signal.SIGINT))
    postgres = running("-c", CHILD, "postgres", interrupt, str(tmp_path), name="postgres")
    with postgres, running("-c", PARENT, str(tmp_path)) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        until_there([tmp_path / name for name in PIDS])
        parent.kill()
        with (tmp_path / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the keeper has it until it is done
    said = (tmp_path / "ended").read_text().split()
    assert sorted(said[:2]) == ["jobs", "web"]
    assert said[2:] == ["postgres"]
    assert not [name for name in PIDS if (tmp_path / name).exists()]


def test_who_does_not_listen_is_killed() -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(); signal.pause()"
    with running("-c", deaf) as process:
        assert process.stdout is not None
        process.stdout.readline()
        end_processes([process.pid], within_s=0.1)
        assert process.wait(10) == -signal.SIGKILL


@pytest.mark.parametrize(("name", "home"), [(sys.executable, ""), ("postgres", "elsewhere")])
def test_a_stranger_who_has_the_number_in_a_stale_pid_file_lives_on(
    tmp_path: Path, name: str, home: str
) -> None:
    waiting = "import signal; print(flush=True); signal.pause()"
    with running("-c", waiting, str(tmp_path / home), name=name) as stranger:
        assert stranger.stdout is not None
        stranger.stdout.readline()
        (tmp_path / "postmaster.pid").write_text(f"{stranger.pid}\n{tmp_path}\n")
        end_database(tmp_path, within_s=1)
        with pytest.raises(subprocess.TimeoutExpired):
            stranger.wait(0.3)


@pytest.mark.parametrize("text", ["", "\n", "-1\n", "0\n", "no number\n", f"{10**30}\n"])
def test_a_pid_file_without_a_servers_number_sends_no_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """To the system -1 and 0 name more than one process, so no real signal may leave this test."""
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr("huiquan.cli.keeper.os.kill", lambda *told: sent.append(told))
    (tmp_path / "postmaster.pid").write_text(text)
    end_database(tmp_path, within_s=0.1)
    assert sent == []
