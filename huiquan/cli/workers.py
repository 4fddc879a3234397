"""Several web processes at one port: started, revived and stopped together.  多进程

The kernel shares the connections out among them (SO_REUSEPORT); they know nothing of each other,
for all they share is the database.
"""

import signal
import subprocess
import sys
import threading
from types import FrameType

LOOK_S = 0.5
STOP_WAIT_S = 10.0


def run_workers(count: int) -> None:
    """Run so many web processes until told to stop; one that dies is started again."""
    stop = threading.Event()

    def hear(_: int, __: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hear)
    workers = [_start() for _ in range(count)]
    while not stop.wait(LOOK_S):
        workers = [one if one.poll() is None else _start() for one in workers]
    for one in workers:
        one.terminate()
    for one in workers:
        try:
            one.wait(STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            one.kill()
            one.wait()


def _start() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "huiquan.cli.serving", "web", "shared"], start_new_session=True
    )
