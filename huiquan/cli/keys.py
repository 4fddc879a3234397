"""huiquan keys: make the platform's keys, once, on the machine that will keep them.  密钥"""

import asyncio
import os
from typing import Annotated

import typer
from rich.console import Console

from huiquan.cli.books import open_books
from huiquan.cli.house import settings_from_environment
from huiquan.cli.trouble import fail
from huiquan.domain.epochs import Declaration
from huiquan.domain.fingerprints import fingerprint_of
from huiquan.domain.signing import signer_from
from huiquan.gateways.keys import load_keys, make_keys
from huiquan.settings import Settings
from huiquan.views.epochs import changes

app = typer.Typer(
    help="Make the platform's keys, or show public keys. A signer's own key is made on its own"
    " machine: python -m notary ceremony."
)
console = Console(highlight=False, soft_wrap=True)


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
    """Show the public keys of platform and approver, and signers' keys that were exchanged."""
    settings = settings_from_environment()
    directory = settings.keys
    if not directory.is_dir():
        fail(f"{directory}: no keys here; make them with: huiquan keys make")
    keys = load_keys(directory)
    for name, seed in (("platform", keys.platform), ("approver", keys.approver)):
        key = signer_from(seed).key
        console.print(f"{name}  {key.hex()}  read aloud: {fingerprint_of(key)}")
    console.print(f"campaigns {', '.join(sorted(keys.pseudonym)) or 'none'}")
    if settings.database_url is not None:
        for said in asyncio.run(_changes(settings)):
            for word, public in (("lost 已作废", said.old_key), ("new 现用", said.new_key)):
                aloud = fingerprint_of(bytes.fromhex(public))
                line = f"{said.role}  {public}  read aloud: {aloud}  {said.campaign} {word}"
                console.print(line)


async def _changes(settings: Settings) -> list[Declaration]:
    async with open_books(settings) as house:
        return await changes(house)
