"""The command line of the house: huiquan COMMAND.  命令行

Every command explains itself with --help. What is wrong is said in one line, and then the exit
status is 1.
"""

import sys

import typer
from rich.console import Console

from huiquan.cli import (
    acquirer,
    campaign,
    check,
    database,
    draws,
    epoch,
    exclusion,
    fund,
    keys,
    lane,
    ledger,
    lists,
    log,
    migrate,
    monitor,
    payment,
    reconcile,
    registrants,
    report,
    serve,
    settle,
    simulate,
    staff,
    store,
    torture,
    up,
    verifying,
    warehouse,
)
from huiquan.cli.trouble import KNOWN_TROUBLE

app = typer.Typer(
    name="huiquan",
    help="huiquan 惠券: government shopping vouchers that anyone can check.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("up")(up.up)
app.command("migrate")(migrate.migrate_database)
app.command("simulate")(simulate.simulate)
app.command("torture")(torture.torture)
app.command("check")(check.check)
app.command("report")(report.report)
app.command("export-draws")(draws.export_draws)
app.command("verify")(verifying.verify)
app.command("monitor")(monitor.monitor)
app.add_typer(serve.app, name="serve")
app.add_typer(campaign.app, name="campaign")
app.add_typer(ledger.app, name="ledger")
app.add_typer(fund.app, name="fund")
app.add_typer(settle.app, name="settle")
app.add_typer(payment.app, name="payment")
app.add_typer(reconcile.app, name="reconcile")
app.add_typer(store.app, name="store")
app.add_typer(acquirer.app, name="acquirer")
app.add_typer(warehouse.app, name="warehouse")
app.add_typer(exclusion.app, name="exclusion")
app.add_typer(registrants.app, name="registrants")
app.add_typer(staff.app, name="staff")
app.add_typer(keys.app, name="keys")
app.add_typer(log.app, name="log")
app.add_typer(lane.app, name="lane")
app.add_typer(epoch.app, name="epoch")
app.add_typer(lists.app, name="list")
app.add_typer(database.app, name="db")


def run() -> None:
    """Run one command; a known trouble is one clear line and exit status 1."""
    if not __debug__:
        raise SystemExit("huiquan does not run without its assertions (python -O)")
    try:
        app()
    except KNOWN_TROUBLE as trouble:
        Console(stderr=True, highlight=False).print(f"huiquan: {trouble}", markup=False)
        sys.exit(1)
