"""python -m torture: break a whole house, and prove that nothing was lost.  折磨"""

import argparse
import asyncio
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from torture.house import home_of
from torture.opening import Seam
from torture.report import show
from torture.run import torture

console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for on the command line."""
    asked = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    asked.add_argument("--minutes", type=float, default=2.0, help="how long the house is broken")
    asked.add_argument("--seed", type=int, help="the same seed gives the same plan")
    asked.add_argument("--home", type=Path, help="a new directory for everything, and keep it")
    asked.add_argument("--keep", action="store_true", help="keep everything even if all is well")
    asked.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="for every process of the house: to put a mistake in, and see it found",
    )
    asked.add_argument("--sql", type=Path, help="statements to change the tables with, likewise")
    return asked.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Run, show, and clear away when all is well; exit status 1 when a promise was broken."""
    asked = arguments(words)
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    parent = None if asked.home else Path(tempfile.mkdtemp(prefix="huiquan-torture-"))
    home = home_of(asked.home or parent / f"seed-{seed}")  # type: ignore[operator]
    seam = Seam(
        environment=dict(one.split("=", 1) for one in asked.env),
        schema=asked.sql.read_text() if asked.sql else "",
    )
    console.print(f"seed {seed}, {asked.minutes:g} minutes, everything in {home}")
    # Whoever ends this early ends the house in order, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    verdict = asyncio.run(torture(home, seed, asked.minutes, _progress(), seam))
    show(console, verdict)
    if verdict.violations or asked.home or asked.keep:
        console.print(f"kept: {home} (plan.json, history.jsonl, verdict.json, logs, postgres)")
    elif parent is not None:
        shutil.rmtree(parent, ignore_errors=True)
    return 1 if verdict.violations else 0


def _progress() -> Callable[[str], None]:
    """Say each step with the seconds since the beginning."""
    began = time.monotonic()

    def say(step: str) -> None:
        console.print(f"{time.monotonic() - began:7.1f} s  {step}", markup=False)

    return say


if __name__ == "__main__":
    raise SystemExit(main())
