"""huiquan fund closing, close, approve, return: the end of a campaign.  活动关闭"""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from huiquan.actions.approve_closing import approve_closing
from huiquan.actions.open_closing import open_closing
from huiquan.actions.return_share import return_share
from huiquan.app import App
from huiquan.cli.books import ask
from huiquan.cli.trouble import fail, refused
from huiquan.db import staff
from huiquan.domain.money import parse_yuan, yuan
from huiquan.domain.refusals import Refusal
from huiquan.views.fund_money import closing_of

console = Console(highlight=False)

Campaign = Annotated[str, typer.Argument(help="the campaign's code")]
Login = Annotated[str, typer.Option(help="the sign-in of whoever does it")]
_T = TypeVar("_T")


def closing(campaign: Campaign) -> None:
    """Show what stands in the way of closing, who approved it, and what goes back to whom."""
    found = ask(lambda house: closing_of(house, campaign))
    console.print(f"{campaign}: {yuan(found.remainder_fen)} yuan in the pool")
    for one in found.obstacles:
        console.print(f"  in the way: {one.zh} · {one.en}")
    if found.closing is not None:
        console.print(
            f"closing {found.closing.closing_no}: {found.closing.state}, "
            f"{yuan(found.closing.remainder_fen)} yuan; approved by "
            f"{', '.join(found.approvers) or 'nobody yet'}"
        )
    for share in found.shares:
        went = f"returned under {share.bank_ref}" if share.bank_ref else "to be returned"
        console.print(
            f"  tranche {share.tranche_no}, {share.payer}: {yuan(share.amount_fen)} yuan {went}"
        )
    for debt in found.debts:
        console.print(f"  {debt.name} owes {yuan(debt.receivable_fen)} yuan")


def close(campaign: Campaign, by: Login) -> None:
    """Open the closing: what is left, pro rata to everyone who paid in. No money moves yet."""
    number = ask(lambda house: _as_staff(house, by, open_closing, campaign))
    console.print(f"closing {number} of {campaign} is open; two people approve it")


def approve(campaign: Campaign, by: Login) -> None:
    """Approve the open closing; the second person's approval makes it final."""
    done = ask(lambda house: _as_staff(house, by, approve_closing, campaign))
    then = "the remainder may go back" if done.is_final else "one more person has to approve"
    console.print(f"approved by {', '.join(done.names)}: {then}")


def give_back(
    campaign: Campaign,
    tranche: Annotated[int, typer.Argument(help="the tranche whose share went back")],
    in_yuan: Annotated[str, typer.Argument(metavar="YUAN", help="what the bank says it paid")],
    ref: Annotated[str, typer.Option(help="the bank's reference of the payment")],
    by: Annotated[str, typer.Option(help="who books it")] = "operator",
) -> None:
    """Book that a share of the remainder went back; the last one closes the campaign."""
    amount_fen = parse_yuan(in_yuan)
    if isinstance(amount_fen, Refusal):
        refused(amount_fen)
    left_fen = ask(lambda house: return_share(house, campaign, tranche, amount_fen, ref, by))
    console.print(
        f"{campaign} is closed" if left_fen == 0 else f"{yuan(left_fen)} yuan are still to go back"
    )


async def _as_staff(
    house: App,
    login: str,
    action: Callable[[App, str, int], Awaitable[_T | Refusal]],
    campaign: str,
) -> _T | Refusal:
    async with house.db.reading() as tx:
        staff_id = await staff.id_of(tx, login)
    if staff_id is None:
        fail(f"nobody signs in as {login}")
    return await action(house, campaign, staff_id)
