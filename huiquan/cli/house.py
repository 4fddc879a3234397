"""Putting a house together from its settings: keys, database, outsiders, borders.  装配"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from huiquan.app import App
from huiquan.clock import make_clock
from huiquan.db.connection import open_database
from huiquan.gateways.high_water import FILE, FileMark
from huiquan.gateways.identity import connect_identity
from huiquan.gateways.keys import load_keys
from huiquan.gateways.maps import load_regions
from huiquan.gateways.notary import connect_known_signer, connect_witness
from huiquan.gateways.sms import connect_sms
from huiquan.gateways.vault import KeyVault
from huiquan.settings import Settings, read_settings, write_settings

SETTINGS_FILE = "settings.json"


def settings_from_environment() -> Settings:
    """The settings of this process; a wrong one is a ValueError that names its variable.

    Where no database is named, a house that `huiquan up` started in the home directory is meant:
    it left its settings there, so that every command finds it and goes by its clock.
    """
    settings = read_settings(os.environ)
    left = settings.home / SETTINGS_FILE
    if settings.database_url is None and left.exists():
        found: dict[str, str] = msgspec.json.decode(left.read_bytes())
        return read_settings({**found, **os.environ})
    return settings


def leave_settings(settings: Settings) -> None:
    """Leave the settings of a house in its home, for the commands that come later."""
    left = settings.home / SETTINGS_FILE
    left.write_bytes(msgspec.json.encode(write_settings(settings)))


def database_address(settings: Settings) -> str:
    """The database's address; ValueError when none is given."""
    if settings.database_url is None:
        raise ValueError("HUIQUAN_DATABASE_URL is not set (huiquan up starts one of its own)")
    return settings.database_url


@asynccontextmanager
async def open_house(settings: Settings, *, writes_by_key: bool = False) -> AsyncIterator[App]:
    """Everything plugged in, and given back at the end. A signer that was met before may be away.

    `writes_by_key` is said by processes that answer people or draw rounds (`open_database`).

    Raises ValueError for what is missing, and OutsiderFault when a signer was never met and does
    not answer.
    """
    keys = load_keys(settings.keys)
    identity = connect_identity(settings.identity_url)
    sms = connect_sms(settings.sms_url)
    met = settings.home
    met.mkdir(parents=True, exist_ok=True)
    notary = await connect_known_signer("notary", settings.notary_url, met / "notary.public")
    auditor = await connect_known_signer("auditor", settings.auditor_url, met / "auditor.public")
    witness = await connect_witness(settings.witness_url)
    db = await open_database(
        database_address(settings),
        connections=settings.database_connections,
        writes_by_key=writes_by_key,
    )
    try:
        yield App(
            settings=settings,
            clock=make_clock(settings),
            db=db,
            keys=keys,
            vault=KeyVault(master=keys.master, lookup=keys.lookup, random_bytes=os.urandom),
            regions=load_regions(),
            identity=identity,
            sms=sms,
            notary=notary,
            auditor=auditor,
            witness=witness,
            random_bytes=os.urandom,
            high_water=FileMark(settings.home / FILE),
        )
    finally:
        await db.close()
        for outsider in (identity, sms, notary, auditor, witness):
            await outsider.close()
