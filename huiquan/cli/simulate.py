"""huiquan simulate: play a season with a simulated crowd, and have every day verified.  模拟

The simulated world is a package of its own that the house does not import: it is started as a
process and comes in through the public doors like everyone else.
"""

import subprocess
import sys
from typing import Annotated

import typer


def simulate(
    people: Annotated[int, typer.Option(help="how many people register")] = 5000,
    days: Annotated[int, typer.Option(help="how many draw days are played")] = 3,
    seed: Annotated[int, typer.Option(help="the same seed gives the same season")] = 1,
    json: Annotated[bool, typer.Option("--json", help="the result as JSON")] = False,
) -> None:
    """Play draw days with a crowd on a fresh house, and verify each day from its export.

    Few entries end as an online order, which travels with a carrier that lies: a small season may
    have none.

    只有少数中签用于线上订单，小规模模拟可能一单也没有。
    """
    words = ["season", "--people", str(people), "--days", str(days), "--seed", str(seed)]
    ended = subprocess.run(
        [sys.executable, "-m", "simulation", *words, *(["--json"] if json else [])], check=False
    )
    raise typer.Exit(ended.returncode)
