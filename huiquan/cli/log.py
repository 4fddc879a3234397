"""huiquan log: the log's keys, and whether this house stands where others saw it.  公开日志"""

import asyncio
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from huiquan.actions.compare_standing import Standing, compare_standing
from huiquan.cli.books import open_books
from huiquan.cli.house import open_house, settings_from_environment
from huiquan.cli.trouble import fail, refused
from huiquan.domain.monitoring import LogPolicy
from huiquan.domain.refusals import Refusal
from huiquan.settings import Settings
from huiquan.views.draws import campaigns_in_play
from huiquan.views.public_log import policy_of

app = typer.Typer(help="The public log: keys for strangers, and a comparison with everyone.")
console = Console(highlight=False)

Code = Annotated[str | None, typer.Option(help="the campaign's code")]


@app.command()
def keys(campaign: Code = None) -> None:
    """Print what a stranger needs to follow the log: huiquan log keys > keys.json."""
    settings = settings_from_environment()
    policy = asyncio.run(_policy(settings, campaign or settings.campaign))
    typer.echo(msgspec.json.format(msgspec.json.encode(policy)).decode())


@app.command()
def check(campaign: Code = None) -> None:
    """Compare this database with notary, auditor and witness; exit 1 if it is behind or forked."""
    settings = settings_from_environment()
    with Console(stderr=True).status("asking notary, auditor and witness …"):
        standing = asyncio.run(_compare(settings, campaign or settings.campaign))
    for who in sorted(standing.answered):
        console.print(f"  ✓ {who}")
    for who in sorted(standing.away):
        console.print(f"  – 未应答 did not answer: {who}")
    for gap in standing.gaps:
        console.print(f"  ✗ {gap.zh}\n    {gap.en}", markup=False)
    for one in standing.evidence:
        console.print(f"  ✗ {one.kind}: {one.subject} ({one.who}: {one.code})", markup=False)
    if standing.gaps:
        fail("the database is behind what others hold: nothing is entered, sealed or published")
    if not standing.answered:
        fail("nobody answered, so nothing was compared")
    console.print("ok")


async def _policy(settings: Settings, code: str) -> LogPolicy:
    async with open_books(settings) as house:
        policy = await policy_of(house, code)
    if isinstance(policy, Refusal):
        refused(policy)
    return policy


async def _compare(settings: Settings, code: str) -> Standing:
    async with open_house(settings) as house:
        known = {one.code: one for one in await campaigns_in_play(house)}
        if code not in known:
            refused(Refusal.UNKNOWN_CAMPAIGN)
        return await compare_standing(house, known[code])
