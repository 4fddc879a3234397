"""huiquan export-draws: a day of the draw as files that anyone can check.  导出摇号数据"""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huiquan.actions.export_draws import Exported
from huiquan.actions.export_draws import export_draws as export_day
from huiquan.cli.days import read_day
from huiquan.cli.house import open_house, settings_from_environment
from huiquan.cli.trouble import fail, refused
from huiquan.domain.refusals import Refusal

console = Console(highlight=False)


def export_draws(
    day: Annotated[str, typer.Argument(help="the day, 2026-02-06 or 20260206")],
    out: Annotated[Path, typer.Option(help="an empty or new directory")],
    campaign: Annotated[str | None, typer.Option(help="the campaign's code")] = None,
) -> None:
    """Export a finished day: entries, rounds, wins, configs, checkpoints, signed manifest."""
    if out.exists() and any(out.iterdir()):
        fail(f"{out} is not empty")
    # Under another name until it is whole, so that half an export is never taken for one.
    part = out.with_name(f"{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    exported = asyncio.run(_export(read_day(day), part, campaign))
    if out.exists():
        out.rmdir()
    part.rename(out)
    console.print(
        f"{exported.files} files, {exported.rounds} rounds, {exported.entries} entries in {out}"
    )


async def _export(day: int, out: Path, campaign: str | None) -> Exported:
    def write(path: str, raw: bytes) -> None:
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(raw)

    settings = settings_from_environment()
    async with open_house(settings) as house:
        with Console(stderr=True).status("exporting …"):
            outcome = await export_day(house, campaign or settings.campaign, day, write)
    if isinstance(outcome, Refusal):
        refused(outcome)
    return outcome
