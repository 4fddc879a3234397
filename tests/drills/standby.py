"""A backup as operators keep it: a base copy, and every byte of the log as it is written.  备份

The base copy is made by `pg_basebackup` while people are served. The log is taken by
`pg_receivewal --synchronous`, which the server waits for at every commit: whatever was acknowledged
is on the archive's disk, too, so a server that is lost with its disk takes nothing with it.
"""

import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psutil

from huiquan.db.embedded import Embedded

ARCHIVE = "archive"
WITHIN_S = 180.0  # also for a machine that has much else to do
LEFT_BEHIND = ("postmaster.pid", ".s.PGSQL.5432.lock")


@dataclass
class Standby:
    """An archive beside a server: `base/` and `wal/` in its home."""

    embedded: Embedded
    home: Path
    seconds: dict[str, float] = field(default_factory=dict)
    _receiver: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """Where the server keeps its data."""
        return Path(self.embedded.server.pgdata)

    @property
    def base(self) -> Path:
        """The base copy."""
        return self.home / "base"

    @property
    def wal(self) -> Path:
        """The log, segment by segment; the last one may be a part."""
        return self.home / "wal"

    def receive(self) -> None:
        """Take the log from now on; the server commits nothing that has not arrived here."""
        self._make(self.home)
        self._make(self.wal)
        words = ["--synchronous", "--create-slot", "--if-not-exists", "--slot", ARCHIVE]
        self._run("pg_receivewal", *words, "-d", self._address())
        words = ["--synchronous", "--slot", ARCHIVE, "--no-password"]
        self._receiver = subprocess.Popen(
            [self._tool("pg_receivewal"), *words, "-D", str(self.wal), "-d", self._address()],
            user=self.embedded.server.system_user,
            stdout=subprocess.DEVNULL,
        )
        listening = f"select count(*) from pg_stat_replication where application_name = '{ARCHIVE}'"
        self._until(lambda: self.ask(listening) == "1")
        self.ask(f"alter system set synchronous_standby_names = '{ARCHIVE}'")
        self.ask("select pg_reload_conf()")
        is_waited_for = "select bool_or(sync_state = 'sync') from pg_stat_replication"
        self._until(lambda: self.ask(is_waited_for) == "t")

    def copy_base(self) -> None:
        """Copy the whole server while it works."""
        began = time.monotonic()
        words = ["--checkpoint=fast", "--wal-method=none", "--no-password", "-D", str(self.base)]
        self._run("pg_basebackup", *words, "-d", self._address())
        self.seconds["base"] = time.monotonic() - began

    def lose_the_server(self) -> None:
        """Power cut and dead disk: every process killed, the data directory gone."""
        with suppress(psutil.NoSuchProcess):
            master = psutil.Process(self.embedded.pid)
            family = [master, *master.children(recursive=True)]
            for process in family:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(family, timeout=10)
        shutil.rmtree(self.data)
        assert not self.data.exists()

    def close(self) -> None:
        """Let the receiver end; it has written down all it got."""
        if self._receiver is not None:
            self._receiver.terminate()
            self._receiver.wait(WITHIN_S)
            self._receiver = None

    def restore(self, what: str, *, until: datetime | None = None) -> None:
        """Put the base copy back and play the log to its end, or to a moment of the real clock."""
        began = time.monotonic()
        subprocess.run(["cp", "-a", str(self.base), str(self.data)], check=True)
        for name in LEFT_BEHIND:
            (self.data / name).unlink(missing_ok=True)
        with (self.data / "postgresql.auto.conf").open("a") as settings:
            settings.write("\n".join(self._recovery(until)) + "\n")
        signal = self.data / "recovery.signal"
        signal.touch()
        self._own(signal)
        self.embedded.start()
        self._until(lambda: self.ask("select pg_is_in_recovery()") == "f")
        self.seconds[what] = time.monotonic() - began

    def sizes(self) -> dict[str, int]:
        """How many bytes base and log are."""
        return {name: _size(self.home / name) for name in ("base", "wal")}

    def ask(self, question: str) -> str:
        """One answer of the server."""
        return self._run("psql", "-Atqc", question, "-d", self.embedded.url("postgres")).strip()

    def _recovery(self, until: datetime | None) -> list[str]:
        whole, part = f"{self.wal}/%f", f"{self.wal}/%f.partial"
        lines = [
            f'restore_command = \'cp {whole} "%p" 2>/dev/null || cp {part} "%p" 2>/dev/null\'',
            "recovery_target_action = 'promote'",
            # Nobody listens to the restored server yet.
            "synchronous_standby_names = ''",
        ]
        if until is not None:
            lines.append(f"recovery_target_time = '{until.isoformat()}'")
        return lines

    def _address(self) -> str:
        return f"{self.embedded.url('postgres')}&application_name={ARCHIVE}"

    def _tool(self, name: str) -> str:
        return str(self.embedded.server.bin_path / name)

    def _run(self, tool: str, *words: str) -> str:
        done = subprocess.run(
            [self._tool(tool), *words],
            user=self.embedded.server.system_user,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _make(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._own(directory)

    def _own(self, path: Path) -> None:
        """PostgreSQL does not run as root; then it has a user of its own here."""
        if self.embedded.server.system_user is not None:
            shutil.chown(path, self.embedded.server.system_user)

    def _until(self, is_so: Callable[[], bool]) -> None:
        began = time.monotonic()
        while not is_so():
            assert time.monotonic() - began < WITHIN_S, f"not so after {WITHIN_S} seconds"
            time.sleep(0.05)


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
