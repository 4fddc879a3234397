"""huiquan epoch: a signer's key is lost; declare it, and go on with a new one, once.  换钥"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from huiquan.actions.begin_epoch import EpochBegun, begin_epoch
from huiquan.actions.draft_epoch import Loss, draft_epoch
from huiquan.actions.draw_round import draw_round
from huiquan.actions.recall_proofs import recall_proofs
from huiquan.actions.seal_round import seal_round
from huiquan.actions.send_configs import send_configs
from huiquan.actions.teach_signer import teach_signer
from huiquan.actions.withdraw_epoch import withdraw_epoch
from huiquan.app import App
from huiquan.cli.books import open_books
from huiquan.cli.house import open_house, settings_from_environment
from huiquan.cli.trouble import fail, granted, refused
from huiquan.domain.campaigns import Campaign
from huiquan.domain.days import SHANGHAI, day_number, day_of
from huiquan.domain.fingerprints import fingerprint_of
from huiquan.domain.refusals import Refusal
from huiquan.domain.sealing import SealedRound
from huiquan.views.day_files import published_days
from huiquan.views.draws import campaigns_in_play
from huiquan.views.epochs import EpochView, epoch_of, lanes_undrawn

app = typer.Typer(help="A signer's key is lost: declare it, and go on with a new key. Once only.")
console = Console(highlight=False)

Code = Annotated[str | None, typer.Option("--campaign", help="the campaign's code")]
By = Annotated[str, typer.Option(help="who does it; kept in the audit")]
ROLES = {"notary": "公证处", "auditor": "审计方"}


@app.command()
def declare(
    role: Annotated[str, typer.Argument(help="whose key is lost: notary or auditor")],
    key: Annotated[str, typer.Option(help="the new public key, 64 hex digits, from its ceremony")],
    reason: Annotated[str, typer.Option(help="what happened; it is published")],
    by: By,
    out: Annotated[Path, typer.Option(help="an empty or new directory, for the signers")],
    campaign: Code = None,
) -> None:
    """Write the declaration for both signers. Until it is begun, people enter and nothing is drawn.

    A round that both had proven already is drawn first.
    """
    if role not in ROLES:
        fail(f"{role}: 应为 notary 或 auditor · it is notary or auditor")
    if len(key) != 64 or any(each not in "0123456789abcdef" for each in key):
        fail("--key 应为 64 位小写十六进制公钥 · --key has 64 lower-case hex digits")
    if out.exists() and any(out.iterdir()):
        fail(f"{out} 不是空目录 · is not empty")
    settings = settings_from_environment()
    loss = Loss(role=role, new_key=key, reason=reason)

    async def work() -> dict[str, bytes] | Refusal:
        async with open_house(settings) as house:
            code = campaign or settings.campaign
            if role == "notary":
                await _finish_proven(house, await _campaign(house, code))
            return await draft_epoch(house, code, loss, by)

    files = granted(asyncio.run(work()))
    out.mkdir(parents=True, exist_ok=True)
    for name, raw in files.items():
        (out / name).write_bytes(raw)
    other = "auditor" if role == "notary" else "notary"
    for line in (
        f"新公钥指纹 · the new key, read aloud: {fingerprint_of(bytes.fromhex(key))}",
        f"公告 · the declaration is in {out}. 接下来 · now:",
        f"  1 {ROLES[other]} · {other}: python -m notary declare {out} --role {other} --home …",
        f"  2 {ROLES[role]} · {role} (新目录 · new home): "
        f"python -m notary declare {out} --role {role} --home …",
        f"  3 启动新的签发机，然后 · start the new signer, then: huiquan epoch begin {out}",
        "在此之前照常参与，暂不开奖 · until then people enter, and nothing is drawn",
    ):
        console.print(line, markup=False, soft_wrap=True)


@app.command()
def begin(folder: Path, by: By, campaign: Code = None) -> None:
    """Put the declaration into the public log, announce the new key, and teach it the open days.

    Safe to run again: what was done stays, what was not is done.
    """
    settings = settings_from_environment()
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}

    async def work() -> tuple[EpochBegun, int] | Refusal:
        async with open_house(settings) as house:
            code = campaign or settings.campaign
            begun = await begin_epoch(house, code, files, by)
            if isinstance(begun, Refusal):
                return begun
            said = begun.declared.declaration
            console.print(
                f"已记入公开日志第 {begun.leaf} 条 · entry {begun.leaf} of the public log"
            )
            sent = await send_configs(house)
            console.print(f"配置已送达 · configs sent to both signers: {sent}")
            first_day = _first_day(house, await _campaign(house, code))
            total = sum(start.next_seq for start in said.lanes)
            with Progress(console=Console(stderr=True), transient=True) as bar:
                task = bar.add_task("补齐账本 · rounds the new key learns", total=total)
                taught = await teach_signer(
                    house, code, first_day, lambda count: bar.advance(task, count)
                )
            return taught if isinstance(taught, Refusal) else (begun, taught)

    begun, taught = granted(asyncio.run(work()))
    at = begun.signs_from.astimezone(SHANGHAI)
    console.print(f"新密钥已学习 {taught} 轮 · the new key learned {taught} rounds")
    console.print(f"新密钥自 {at:%Y-%m-%d %H:%M} 起签发 · the new key signs from then on")


@app.command()
def show(campaign: Code = None) -> None:
    """Show the campaign's change of keys, if there is one."""
    settings = settings_from_environment()

    async def work() -> EpochView | Refusal:
        async with open_books(settings) as house:
            return await epoch_of(house, campaign or settings.campaign)

    shown = asyncio.run(work())
    if shown is Refusal.NOT_FOUND:
        console.print("没有换过密钥 · no key was changed")
        return
    seen = granted(shown)
    said = seen.declaration
    state = "已生效 · begun" if seen.begun_at else "正在签署 · waits for its signatures"
    for line in (
        f"{ROLES[said.role]} · {said.role}: {state}",
        f"旧 · old  {said.old_key}  {fingerprint_of(bytes.fromhex(said.old_key))}",
        f"新 · new  {said.new_key}  {fingerprint_of(bytes.fromhex(said.new_key))}",
        f"事由 · reason  {said.reason}",
        f"公告时间 · declared at  {said.declared_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        f"从未开奖的封存 · seals never drawn: {len(said.voided)}",
    ):
        console.print(line, markup=False, soft_wrap=True)
    if seen.signs_from is not None:
        at = seen.signs_from.astimezone(SHANGHAI)
        console.print(f"新密钥起签时间 · signs from  {at:%Y-%m-%d %H:%M}")


@app.command()
def withdraw(by: By, campaign: Code = None) -> None:
    """Drop a declaration that the other signer has not signed; the draw goes on as before."""
    settings = settings_from_environment()

    async def work() -> Refusal | None:
        async with open_house(settings) as house:
            return await withdraw_epoch(house, campaign or settings.campaign, by)

    outcome = asyncio.run(work())
    if outcome is not None:
        refused(outcome)
    console.print("已撤回 · withdrawn")


async def _finish_proven(house: App, campaign: Campaign) -> None:
    """Draw the rounds that both had proven before the notary's key was lost."""
    for lane in await lanes_undrawn(house, campaign.campaign_id):
        sealed = await seal_round(house, campaign, lane)
        if not isinstance(sealed, SealedRound):
            continue
        proofs = await recall_proofs(house, campaign, sealed)
        if proofs is not None and await draw_round(house, campaign, sealed, proofs):
            seq = sealed.seal.seq
            console.print(
                f"通道 {lane} 第 {seq} 轮双方已签，已开奖 · lane {lane}, round {seq}: "
                "both had proven it, drawn"
            )


async def _campaign(house: App, code: str) -> Campaign:
    known = {one.code: one for one in await campaigns_in_play(house)}
    if code not in known:
        refused(Refusal.UNKNOWN_CAMPAIGN)
    return known[code]


def _first_day(house: App, campaign: Campaign) -> int:
    """The first day whose manifest the new key has to sign."""
    today = day_number(day_of(house.clock()))
    published = {one.day for one in published_days(house, campaign.code)}
    return min(
        (day for day in campaign.days if day < today and day not in published), default=today
    )
