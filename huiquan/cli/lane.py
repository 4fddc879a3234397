"""huiquan lane: stop a lane, or let it go on when two people have decided.  通道"""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from huiquan.actions.stop_lane import stop_lane
from huiquan.actions.unfreeze_lane import unfreeze_lane
from huiquan.cli.books import open_books
from huiquan.cli.house import settings_from_environment
from huiquan.cli.trouble import refused
from huiquan.domain.refusals import Refusal

app = typer.Typer(help="Stop a lane of the draw, or let it go on.")
console = Console(highlight=False)

Campaign = Annotated[str, typer.Argument(help="the campaign's code")]
Lane = Annotated[int, typer.Argument(help="the lane's number")]
Reason = Annotated[str, typer.Option(help="why; it is kept for good")]


@app.command()
def stop(
    campaign: Campaign,
    lane: Lane,
    by: Annotated[str, typer.Option(help="who decides it")],
    reason: Reason,
) -> None:
    """Stop a lane: nobody enters it, nothing is sealed, and every chance is kept."""

    async def run() -> Refusal | None:
        async with open_books(settings_from_environment()) as house:
            return await stop_lane(house, campaign, lane, by, reason)

    _say(asyncio.run(run()), f"lane {lane} of {campaign} is stopped")


@app.command()
def unfreeze(
    campaign: Campaign,
    lane: Lane,
    by: Annotated[str, typer.Option(help="the first of the two who decide it")],
    and_by: Annotated[str, typer.Option(help="the second")],
    reason: Reason,
) -> None:
    """Let a stopped lane go on; two people give their names, and the evidence stays public."""

    async def run() -> Refusal | None:
        async with open_books(settings_from_environment()) as house:
            return await unfreeze_lane(house, campaign, lane, (by, and_by), reason)

    _say(asyncio.run(run()), f"lane {lane} of {campaign} goes on")


def _say(outcome: Refusal | None, done: str) -> None:
    if outcome is not None:
        refused(outcome)
    console.print(done)
