"""huiquan keys: make the platform's keys, once, on the machine that will keep them.  密钥"""

import os
from typing import Annotated

import typer
from rich.console import Console

from huiquan.cli.house import settings_from_environment
from huiquan.cli.trouble import fail
from huiquan.domain.fingerprints import fingerprint_of
from huiquan.domain.signing import signer_from
from huiquan.gateways.keys import load_keys, make_keys

app = typer.Typer(help="Make the platform's keys, or show their public halves.")
console = Console(highlight=False)


@app.command()
def make(
    campaign: Annotated[
        list[str] | None, typer.Option(help="a campaign's code; it gets a pseudonym key")
    ] = None,
) -> None:
    """Make the keys that are missing in HUIQUAN_KEYS_DIR; keys that exist are never touched."""
    settings = settings_from_environment()
    make_keys(settings.keys, tuple(campaign or (settings.campaign,)), os.urandom)
    console.print(f"keys are in {settings.keys}; each file is readable by its owner alone")


@app.command()
def show() -> None:
    """Show the public keys of the platform and of the department's approver."""
    directory = settings_from_environment().keys
    if not directory.is_dir():
        fail(f"{directory}: no keys here; make them with: huiquan keys make")
    keys = load_keys(directory)
    for name, seed in (("platform", keys.platform), ("approver", keys.approver)):
        key = signer_from(seed).key
        console.print(f"{name}  {key.hex()}  read aloud: {fingerprint_of(key)}")
    console.print(f"campaigns {', '.join(sorted(keys.pseudonym)) or 'none'}")
