"""huiquan fund: what comes into the dedicated account, and where the money stands.  专户资金"""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from huiquan.actions.compensate_fund import Compensation, compensate_fund
from huiquan.actions.fund_campaign import UNNAMED, fund_campaign
from huiquan.actions.plan_tranche import TrancheAsked, plan_tranche
from huiquan.actions.pledge_matching import pledge_matching
from huiquan.actions.repay_debt import repay_debt
from huiquan.cli import fund_closing, fund_live
from huiquan.cli.books import ask, own_number
from huiquan.cli.days import read_day
from huiquan.cli.trouble import refused
from huiquan.domain.days import day_from_number
from huiquan.domain.money import parse_yuan, yuan
from huiquan.domain.refusals import Refusal
from huiquan.views.fund import fund_of, lines_of
from huiquan.views.fund_money import tranches_of

app = typer.Typer(help="The dedicated account: tranches, live balances, alerts, closing.")
console = Console(highlight=False)

Campaign = Annotated[str, typer.Argument(help="the campaign's code")]
Yuan = Annotated[str, typer.Argument(metavar="YUAN", help="such as 1000000 or 1,000.50")]
Ref = Annotated[str, typer.Option(help="the bank's reference of the payment")]
By = Annotated[str, typer.Option(help="who books it")]


@app.command()
def appropriate(
    campaign: Campaign,
    in_yuan: Yuan,
    ref: Ref,
    payer: Annotated[str, typer.Option(help="who paid it in")] = UNNAMED,
    account: Annotated[str, typer.Option(help="the payer's account: the way back")] = "",
    by: By = "operator",
) -> None:
    """Book that the department's money has arrived; the same reference counts once."""
    amount_fen = _fen(in_yuan)
    fen = ask(
        lambda house: fund_campaign(
            house, campaign, amount_fen, ref, by, payer=payer, payer_account=account
        )
    )
    console.print(f"{campaign}: {yuan(fen)} yuan appropriated in all")


@app.command()
def plan(
    campaign: Campaign,
    in_yuan: Yuan,
    payer: Annotated[str, typer.Option(help="who will pay it in")],
    on: Annotated[str, typer.Option(help="the day on which it is due: 2026-02-06")],
    ref: Annotated[
        str, typer.Option(help="your own number of this plan; the same again plans no second one")
    ],
    account: Annotated[str, typer.Option(help="the payer's account: the way back")] = "",
    by: By = "operator",
) -> None:
    """Plan a tranche of the appropriation; no money moves until `receive`."""
    amount_fen, due_on = _fen(in_yuan), day_from_number(read_day(on))
    asked = TrancheAsked(
        request_key=own_number(ref),
        planned_fen=amount_fen,
        due_on=due_on,
        payer=payer,
        payer_account=account,
    )
    number = ask(lambda house: plan_tranche(house, campaign, asked, by))
    console.print(f"{campaign}: tranche {number} of {yuan(amount_fen)} yuan is due on {due_on}")


@app.command()
def receive(
    campaign: Campaign,
    tranche: Annotated[int, typer.Argument(help="the number of the tranche")],
    in_yuan: Yuan,
    ref: Ref,
    by: By = "operator",
) -> None:
    """Book that a planned tranche has arrived, with the amount the bank names."""
    amount_fen = _fen(in_yuan)
    fen = ask(lambda house: fund_campaign(house, campaign, amount_fen, ref, by, tranche_no=tranche))
    console.print(f"{campaign}: {yuan(fen)} yuan appropriated in all")


@app.command()
def tranches(campaign: Campaign) -> None:
    """Show every tranche, planned and received."""
    table = Table(title=f"{campaign} 拨款批次 (yuan)")
    for head in ("no", "planned", "due", "payer", "received", "bank's reference", "by"):
        table.add_column(head, justify="right" if head in ("planned", "received") else "left")
    for row in ask(lambda house: tranches_of(house, campaign)):
        one = row.tranche
        table.add_row(
            str(one.tranche_no),
            yuan(one.planned_fen),
            one.due_on.isoformat(),
            one.payer,
            yuan(one.received_fen) if one.bank_ref else "–",
            one.bank_ref or "–",
            row.received_by or row.planned_by,
        )
    console.print(table)


@app.command()
def compensate(
    campaign: Campaign,
    in_yuan: Yuan,
    ref: Ref,
    payer: Annotated[str, typer.Option(help="who made it good")],
    reason: Annotated[str, typer.Option(help="why; it is kept for good")],
    redemption: Annotated[str | None, typer.Option(help="the redemption it is about")] = None,
    by: By = "operator",
) -> None:
    """Book that the platform made good what was redeemed unlawfully (赔付)."""
    paid = Compensation(
        amount_fen=_fen(in_yuan), bank_ref=ref, payer=payer, reason=reason, redemption=redemption
    )
    fen = ask(lambda house: compensate_fund(house, campaign, paid, by))
    console.print(f"{campaign}: {yuan(fen)} yuan compensated in all")


@app.command()
def repay(
    campaign: Campaign,
    merchant: Annotated[int, typer.Argument(help="the number of the merchant")],
    in_yuan: Yuan,
    ref: Ref,
    by: By = "operator",
) -> None:
    """Book that a merchant paid in cash what it owed for refunds after settlement."""
    amount_fen = _fen(in_yuan)
    fen = ask(lambda house: repay_debt(house, campaign, merchant, amount_fen, ref, by))
    console.print(f"merchant {merchant} still owes {yuan(fen)} yuan")


@app.command()
def pledge(
    campaign: Campaign,
    in_yuan: Yuan,
    document: Annotated[str, typer.Option(help="the document that makes the pledge")],
    merchant: Annotated[
        int | None, typer.Option(help="the merchant's number; without it, the platform's")
    ] = None,
    by: By = "operator",
) -> None:
    """Record matching money of the platform or of a merchant, on its own account (配套资金)."""
    amount_fen = _fen(in_yuan)
    number = ask(
        lambda house: pledge_matching(
            house, campaign, merchant_id=merchant, pledged_fen=amount_fen, document=document, by=by
        )
    )
    console.print(f"pledge {number}: {yuan(amount_fen)} yuan")


@app.command()
def show(campaign: Campaign) -> None:
    """Show where every fen of a campaign stands."""
    table = Table(title=f"{campaign} 专户资金 (yuan)")
    table.add_column("科目")
    table.add_column("account")
    table.add_column("金额（元）", justify="right")
    for zh, en, amount_fen in lines_of(ask(lambda house: fund_of(house, campaign))):
        table.add_row(zh, en, yuan(amount_fen))
    console.print(table)


app.command("live")(fund_live.live)
app.command("count")(fund_live.count)
app.command("matching")(fund_live.matching)
app.command("alerts")(fund_live.alerts)
app.command("acknowledge")(fund_live.acknowledge)
app.command("closing")(fund_closing.closing)
app.command("close")(fund_closing.close)
app.command("approve")(fund_closing.approve)
app.command("return")(fund_closing.give_back)


def _fen(in_yuan: str) -> int:
    amount_fen = parse_yuan(in_yuan)
    if isinstance(amount_fen, Refusal):
        refused(amount_fen)
    return amount_fen
