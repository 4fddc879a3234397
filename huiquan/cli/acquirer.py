"""huiquan acquirer: payment companies and POS vendors, their keys, rails and bills.  收单机构"""

import base64
import csv
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from huiquan.actions.add_acquirer import add_acquirer
from huiquan.actions.admit_acquirer import admit_acquirer
from huiquan.actions.bill_acquirer import bill_acquirer
from huiquan.actions.change_rails import change_rails
from huiquan.actions.register_key import NewKey, register_key
from huiquan.actions.retry_callbacks import retry_callbacks
from huiquan.actions.revoke_key import revoke_key
from huiquan.cli.books import ask
from huiquan.cli.days import read_day
from huiquan.cli.trouble import fail
from huiquan.domain.acquirers import KEY_OVERLAP, Acquirer
from huiquan.domain.days import SHANGHAI, day_from_number, day_number
from huiquan.domain.parcel_events import Sender
from huiquan.domain.request_signing import Algorithm, PartnerKey
from huiquan.views.acquirers import every_acquirer

app = typer.Typer(help="Acquirers: payment companies and POS vendors, their keys, rails, bills.")
console = Console(highlight=False)

Code = Annotated[str, typer.Argument(help="the acquirer's code, such as wepay")]
By = Annotated[str, typer.Option(help="who does it")]


@app.command()
def add(
    code: Code,
    name_zh: Annotated[str, typer.Option(help="its name in Chinese")],
    name_en: Annotated[str, typer.Option(help="its name in English")],
    rail: Annotated[str, typer.Option(help="its way of paying: wechat, alipay, unionpay …")],
    callback_url: Annotated[str | None, typer.Option(help="where it is told what happened")] = None,
    sandbox: Annotated[bool, typer.Option(help="it tries out, and moves nothing")] = False,
    kind: Annotated[
        Sender, typer.Option(help="carriers and warehouses say what happened to parcels")
    ] = Sender.ACQUIRER,
    by: By = "operator",
) -> None:
    """Add an acquirer. Register a key for it next, then the stores that take its rail."""
    new = Acquirer(
        acquirer_id=0,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        rail=rail,
        is_sandbox=sandbox,
        callback_url=callback_url,
        kind=kind,
    )
    added = ask(lambda house: add_acquirer(house, new, by))
    what = "sandbox acquirer" if sandbox else kind.value
    console.print(f"{what} {code} added (number {added.acquirer_id}, rail {rail})")


@app.command()
def key(
    code: Code,
    file: Annotated[Path, typer.Argument(help="the public key, PEM", exists=True, dir_okay=False)],
    name: Annotated[str, typer.Option(help="the key's name, sent as Huiquan-Key")],
    algorithm: Annotated[Algorithm, typer.Option(help="how it signs")] = Algorithm.ED25519,
    overlap_days: Annotated[
        int, typer.Option(min=0, max=90, help="how long the keys before it stay good")
    ] = KEY_OVERLAP.days,
    by: By = "operator",
) -> None:
    """Register a key; it takes over from those before it when the overlap is over."""
    new = NewKey(
        acquirer=code,
        key_id=name,
        algorithm=algorithm,
        pem=file.read_bytes(),
        overlap=timedelta(days=overlap_days),
    )
    done = ask(lambda house: register_key(house, new, by))
    console.print(f"key {name} of {code} is good from now on ({algorithm.value})")
    for ending in done.ending:
        until = done.ending_at.astimezone(SHANGHAI)
        console.print(f"key {ending} is good until {until:%Y-%m-%d %H:%M}")


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="the key's name")], by: By = "operator"
) -> None:
    """End a key at once: it was lost, or somebody saw it."""
    ask(lambda house: revoke_key(house, name, by))
    console.print(f"key {name} is revoked")


@app.command()
def rails(
    code: Code,
    file: Annotated[
        Path,
        typer.Argument(help="CSV with the columns store, terminal", exists=True, dir_okay=False),
    ],
    close: Annotated[bool, typer.Option(help="close instead of open")] = False,
    by: By = "operator",
) -> None:
    """Say which stores take an acquirer's rail; an empty terminal stands for the whole store."""
    with file.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        if not {"store", "terminal"} <= set(reader.fieldnames or ()):
            fail(f"{file}:1: the columns store, terminal are missing")
        asked = [((row["store"] or "").strip(), (row["terminal"] or "").strip()) for row in reader]
    changed = ask(lambda house: change_rails(house, code, asked, by, is_open=not close))
    console.print(f"{changed} of {len(asked)} {'closed' if close else 'opened'} for {code}")


@app.command()
def bill(
    code: Code,
    day: Annotated[str, typer.Argument(help="the day, such as 2026-02-06")],
    out: Annotated[Path, typer.Option(help="the directory it is written to")] = Path(),
) -> None:
    """Write an acquirer's bill of a day: a CSV, and beside it what the platform signed."""
    asked = day_from_number(read_day(day))
    made = ask(lambda house: bill_acquirer(house, code, asked), signs=True)
    out.mkdir(parents=True, exist_ok=True)
    stem = out / f"bill-{code}-{day_number(made.bill.day)}"
    stem.with_suffix(".csv").write_bytes(made.bill.csv)
    signed = made.bill.text_to_sign.decode() + base64.b64encode(made.signature).decode() + "\n"
    stem.with_suffix(".sig").write_text(signed)
    console.print(f"{stem}.csv: {made.bill.lines} lines, SHA-256 {made.bill.sha256.hex()}")


@app.command()
def suspend(code: Code, by: By = "operator") -> None:
    """Refuse an acquirer's requests from now on; its callbacks go on."""
    ask(lambda house: admit_acquirer(house, code, by, is_open=False))
    console.print(f"{code} is suspended")


@app.command()
def admit(code: Code, by: By = "operator") -> None:
    """Let a suspended acquirer in again."""
    ask(lambda house: admit_acquirer(house, code, by, is_open=True))
    console.print(f"{code} is admitted")


@app.command()
def retry(code: Code, by: By = "operator") -> None:
    """Try an acquirer's parked callbacks again."""
    count = ask(lambda house: retry_callbacks(house, code, by))
    console.print(f"{count} callbacks of {code} are tried again")


@app.command("list")
def show() -> None:
    """Show every acquirer with its keys, stores and callbacks."""
    table = Table()
    for name in ("code", "rail", "state", "stores", "callbacks waiting", "parked", "keys"):
        table.add_column(name)
    for one in ask(every_acquirer):
        state = "open" if one.acquirer.is_open else "suspended"
        table.add_row(
            one.acquirer.code,
            one.acquirer.rail,
            f"{state}, sandbox" if one.acquirer.is_sandbox else state,
            str(one.stores),
            str(one.waiting),
            str(one.parked),
            ", ".join(_key(key) for key in one.keys),
        )
    console.print(table)


def _key(found: PartnerKey) -> str:
    return f"{found.key_id} (revoked)" if found.revoked_at else found.key_id
