"""Signers that begin where their imports end: one process imports the program, the others fork.

Starting Python and importing a signer's program takes most of a second of a core, three times for
each house with signers. Here it is done once for a test process. What comes of it is a process like
any other: own pid, own port, killed and waited for in the same way.

    python -m tests.forking     reads a JSON list of words a line, answers with the pid of its child
"""

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil

from notary.__main__ import read_arguments, serve

ROOT = Path(__file__).parents[1]


class Forked:
    """A process that another one forked for us; waited for as one's own child is."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        with suppress(psutil.NoSuchProcess):
            self._process: psutil.Process | None = psutil.Process(pid)

    def poll(self) -> int | None:
        """None while it runs."""
        return None if self._process is not None and self._process.is_running() else 0

    def kill(self) -> None:
        """End it as a power cut would."""
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def wait(self, timeout: float | None = None) -> None:
        """Wait until it is gone; psutil.TimeoutExpired when it is late."""
        with suppress(psutil.NoSuchProcess):
            if self._process is not None:
                self._process.wait(timeout)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(psutil.NoSuchProcess):
            if self._process is not None:
                self._process.send_signal(number)


def fork_signer(words: Sequence[str]) -> Forked:
    """A signer with these words on its command line."""
    parent = _parent()
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(json.dumps(list(words)) + "\n")
    parent.stdin.flush()
    return Forked(int(parent.stdout.readline()))


@cache
def _parent() -> "subprocess.Popen[str]":
    """The process that has imported everything; it ends with ours, and its children with it."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.forking"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _be_signer(words: Sequence[str]) -> None:
    """What the child does until it is stopped."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    asyncio.run(serve(read_arguments(list(words))))


def run() -> None:
    """Fork a signer for each line, until there are no more."""
    gc.collect()
    gc.freeze()
    # Whoever ends is gone at once: nobody here waits for them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    children = []
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                _be_signer(json.loads(line))
            finally:
                os._exit(0)
        children.append(child)
        print(child, flush=True)
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM)


if __name__ == "__main__":
    run()
