"""huiquan warehouse: warehouses in Hubei, from which online orders may ship.  仓库"""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from huiquan.actions.close_warehouse import close_warehouse
from huiquan.actions.register_warehouse import NewWarehouse, register_warehouse
from huiquan.cli.books import ask
from huiquan.cli.trouble import fail
from huiquan.domain.coordinates import Datum
from huiquan.gateways.maps import load_regions
from huiquan.views.orders import every_warehouse

app = typer.Typer(help="Warehouses in Hubei, from which online orders may ship.")
console = Console(highlight=False)

By = Annotated[str, typer.Option(help="who does it")]


@app.command()
def register(
    code: Annotated[str, typer.Argument(help="the warehouse's code, as events will name it")],
    store: Annotated[str, typer.Option(help="the code of any store of its merchant's")],
    operator: Annotated[str, typer.Option(help="who signs for what leaves it: a code")],
    name: Annotated[str, typer.Option(help="its name")],
    address: Annotated[str, typer.Option(help="its address, with city and county")],
    lat: Annotated[float, typer.Option(help="latitude")],
    lng: Annotated[float, typer.Option(help="longitude")],
    datum: Annotated[Datum, typer.Option(help="of the point: wgs84, or gcj02 from a map")],
    proof: Annotated[str, typer.Option(help="the paper that proves it, such as a lease")],
    scan: Annotated[Path, typer.Option(help="the paper's scan", exists=True, dir_okay=False)],
    by: By = "operator",
) -> None:
    """Register a warehouse; two officials approve it at the console before anything ships."""
    new = NewWarehouse(
        code=code,
        store=store,
        operator=operator,
        name=name,
        address=address,
        lat=lat,
        lng=lng,
        datum=datum,
        proof=proof,
        proof_sha256=hashlib.sha256(scan.read_bytes()).digest(),
    )
    # Of the commands with the books alone this one looks at the map, too.
    row = ask(lambda house: register_warehouse(replace(house, regions=load_regions()), new, by))
    console.print(f"warehouse {code} registered in {row.county}, waits for two people's approval")


@app.command()
def close(
    code: Annotated[str, typer.Argument(help="the warehouse's code")],
    reason: Annotated[str, typer.Option(help="why")],
    by: By = "operator",
) -> None:
    """Close a warehouse for good; what leaves it from now on is no evidence."""
    numbers = {row.code: row.warehouse_id for row in ask(every_warehouse)}
    if code not in numbers:
        fail(f"there is no warehouse {code}")
    was_open = ask(lambda house: close_warehouse(house, numbers[code], reason, by))
    console.print(f"warehouse {code} {'is closed' if was_open else 'was closed before'}")


@app.command("list")
def show() -> None:
    """Show every warehouse with its place, proof and state."""
    table = Table()
    for name in ("code", "name", "county", "proof", "state"):
        table.add_column(name)
    for row in ask(every_warehouse):
        table.add_row(row.code, row.name, row.county, row.proof, row.state)
    console.print(table)
