"""huiquan list: a list from its sealing to the vouchers, for draws the notary holds.  名单摇号"""

import asyncio
import csv
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huiquan.actions.decide_objection import decide_objection
from huiquan.actions.file_objection import Filing, file_objection
from huiquan.actions.import_list import import_list
from huiquan.actions.issue_list import ListIssued, issue_list
from huiquan.actions.seal_list import seal_list
from huiquan.actions.sign_in_staff import sign_in_staff
from huiquan.app import App
from huiquan.cli.days import read_day
from huiquan.cli.house import open_house, settings_from_environment
from huiquan.cli.trouble import fail, granted, refused
from huiquan.db.staff import StaffSecret
from huiquan.domain.days import SHANGHAI
from huiquan.domain.lists import Decided, PublishedList, Verdict
from huiquan.domain.refusals import Refusal
from huiquan.domain.roles import may_decide_objections
from huiquan.views.lists import ListView, config_of_day, list_of_day

app = typer.Typer(help="Draws from a list: seal it, import the notary's draw, objections, issue.")
console = Console(highlight=False)

Day = Annotated[str, typer.Argument(help="the draw day, 2025-11-27 or 20251127")]
Code = Annotated[str | None, typer.Option("--campaign", help="the campaign's code")]
Who = Annotated[str, typer.Option("--as", help="your console login; the password is asked for")]


@app.command("config")
def export_config(
    day: Day,
    out: Annotated[Path, typer.Option(help="an empty or new directory")],
    campaign: Code = None,
) -> None:
    """Give a published config as files, for a signer whose machine has no network."""
    number, settings = read_day(day), settings_from_environment()

    async def work() -> dict[str, bytes] | Refusal:
        async with open_house(settings) as house:
            config = await config_of_day(house, campaign or settings.campaign, number)
        if isinstance(config, Refusal):
            return config
        both = {
            "platform": config.platform_signature.hex(),
            "approver": config.approver_signature.hex(),
        }
        return {"config.json": config.body, "signatures.json": json.dumps(both).encode()}

    _write(out, granted(asyncio.run(work())))


@app.command("seal")
def seal(
    day: Day,
    out: Annotated[Path, typer.Option(help="an empty or new directory")],
    campaign: Code = None,
) -> None:
    """Seal the list of a draw day, and write the folder that goes to the notary."""
    number, settings = read_day(day), settings_from_environment()

    async def work() -> dict[str, bytes] | Refusal:
        async with open_house(settings) as house:
            with Console(stderr=True).status("sealing …"):
                return await seal_list(house, campaign or settings.campaign, number)

    _write(out, granted(asyncio.run(work())))


@app.command("import")
def import_drawn(day: Day, folder: Path, who: Who, campaign: Code = None) -> None:
    """Take up the notary's and the auditor's answers; the list is published for objections."""
    number, settings = read_day(day), settings_from_environment()
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}

    async def work() -> PublishedList | Refusal:
        async with open_house(settings) as house:
            by = await _signed_in(house, who)
            with Console(stderr=True).status("drawing again from the proofs …"):
                return await import_list(house, campaign or settings.campaign, number, files, by)

    until = granted(asyncio.run(work())).objections_until.astimezone(SHANGHAI)
    console.print(f"published; objections until {until:%Y-%m-%d %H:%M}")


@app.command("show")
def show(
    day: Day,
    campaign: Code = None,
    out: Annotated[Path | None, typer.Option(help="a CSV file; else the screen")] = None,
) -> None:
    """The published list: winning numbers with tier and face, for publication and objections."""
    number, settings = read_day(day), settings_from_environment()

    async def work() -> ListView | Refusal:
        async with open_house(settings) as house:
            return await list_of_day(house, campaign or settings.campaign, number)

    shown = granted(asyncio.run(work()))
    file = out.open("w", newline="", encoding="utf-8-sig") if out else sys.stdout
    writer = csv.writer(file)
    writer.writerow(["摇号编号", "面额档", "面额（元）", "作废原因"])
    for win in shown.wins:
        writer.writerow([win.draw_no, win.tier, win.face_fen // 100, win.voided or ""])
    if out:
        file.close()
        console.print(f"{len(shown.wins)} wins in {out}")


@app.command("object")
def object_to(
    draw_no: Annotated[str, typer.Argument(help="the published number, D20251127-00-000042")],
    from_whom: Annotated[str, typer.Option("--from", help="who objects, and how to reach them")],
    grounds: Annotated[str, typer.Option(help="why")],
    who: Who,
    campaign: Code = None,
) -> None:
    """Take up an objection to a win while the list is published."""
    settings = settings_from_environment()
    parts = draw_no.removeprefix("D").split("-")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        fail(f"{draw_no}: write it as it is published, D20251127-00-000042")
    filing = Filing(day=int(parts[0]), idx=int(parts[2]), filed_by=from_whom, grounds=grounds)

    async def work() -> int | Refusal:
        async with open_house(settings) as house:
            by = await _signed_in(house, who)
            return await file_objection(house, campaign or settings.campaign, filing, by)

    console.print(f"objection {granted(asyncio.run(work()))}")


@app.command("decide")
def decide(
    objection: int,
    verdict: Annotated[Verdict, typer.Option(help="upheld ends the win, dismissed leaves it")],
    reason: Annotated[str, typer.Option(help="as it will be published")],
    who: Who,
) -> None:
    """Decide an objection. Two people decide, each with their own sign-in."""

    async def work() -> Decided | Refusal:
        async with open_house(settings_from_environment()) as house:
            somebody = await _official(house, who)
            if not may_decide_objections(somebody.role):
                return Refusal.FORBIDDEN
            by = f"staff:{somebody.staff_id}"
            return await decide_objection(house, objection, verdict, reason, by)

    is_final = granted(asyncio.run(work())).is_final
    console.print("decided by two" if is_final else "one decision kept; a second person decides")


@app.command("issue")
def issue(day: Day, campaign: Code = None) -> None:
    """Issue the vouchers of a list now; the jobs process does it by itself within a minute."""
    number, settings = read_day(day), settings_from_environment()

    async def work() -> ListIssued | Refusal | None:
        async with open_house(settings) as house:
            return await issue_list(house, campaign or settings.campaign, number)

    issued = asyncio.run(work())
    if issued is None:
        console.print("issued already")
        return
    done = granted(issued)
    console.print(f"{done.issued} issued, {done.voided} voided")


async def _signed_in(house: App, login: str) -> str:
    return f"staff:{(await _official(house, login)).staff_id}"


async def _official(house: App, login: str) -> StaffSecret:
    password = typer.prompt(f"password of {login}", hide_input=True, err=True)
    somebody = await sign_in_staff(house, login, password)
    if isinstance(somebody, Refusal):
        refused(somebody)
    return somebody


def _write(out: Path, files: dict[str, bytes]) -> None:
    if out.exists() and any(out.iterdir()):
        fail(f"{out} is not empty")
    out.mkdir(parents=True, exist_ok=True)
    for name, raw in files.items():
        (out / name).write_bytes(raw)
    console.print(f"{', '.join(files)} in {out}")
