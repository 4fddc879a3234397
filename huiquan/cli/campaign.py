"""huiquan campaign: publish a rulebook, show what is in force.  活动"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from huiquan.actions.publish_campaign import Published, publish_campaign
from huiquan.actions.send_configs import send_configs
from huiquan.app import App
from huiquan.cli.house import open_house, settings_from_environment
from huiquan.cli.trouble import fail, refused
from huiquan.domain.campaigns import Campaign
from huiquan.domain.money import yuan
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_reading import RulebookError
from huiquan.views.draws import campaigns_in_play

app = typer.Typer(help="Publish a campaign's rulebook, or show what is in force.")
console = Console(highlight=False)


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(help="the rulebook, a TOML file")],
    by: Annotated[str, typer.Option(help="who publishes it")] = "operator",
) -> None:
    """Publish a rulebook: a new campaign, or the next version of one."""
    if not file.is_file():
        fail(f"{file}: there is no such file")
    asyncio.run(_publish(file, file.read_text(), by))


@app.command()
def show() -> None:
    """Show every campaign with its rules in force and its coming draw days."""
    asyncio.run(_show())


async def _publish(file: Path, text: str, by: str) -> None:
    async with open_house(settings_from_environment()) as house:
        outcome = await publish_campaign(house, text, by)
        if isinstance(outcome, RulebookError):
            fail(f"{file}:{outcome.line}: {outcome.reason_zh} / {outcome.reason_en}")
        if isinstance(outcome, Refusal):
            refused(outcome)
        await send_configs(house)
    _say(outcome)


def _say(published: Published) -> None:
    word = "published" if published.is_new else "unchanged"
    since = published.effective_at.isoformat(timespec="minutes")
    console.print(f"{published.code} v{published.version}: {word}, in force from {since}")


async def _show() -> None:
    async with open_house(settings_from_environment()) as house:
        for campaign in await campaigns_in_play(house):
            console.print(_table(house, campaign))


def _table(house: App, campaign: Campaign) -> Table:
    version = campaign.version_at(house.clock())
    rulebook = version.rulebook
    table = Table(title=f"{rulebook.name_zh}  {campaign.code} v{version.version}")
    for column in ("pack 礼包", "tier 档", "face 面额", "threshold 门槛"):
        table.add_column(column, justify="right")
    names = {pack.number: pack.name_zh for pack in rulebook.packs}
    for tier in rulebook.tiers:
        face, threshold = yuan(tier.face_fen), yuan(tier.threshold_fen)
        table.add_row(names[tier.pack], str(tier.number), face, threshold)
    for day in sorted(campaign.days):
        released = "released" if campaign.days[day].is_released else "planned"
        table.add_row(str(day), released, yuan(campaign.days[day].release_fen), "")
    return table
