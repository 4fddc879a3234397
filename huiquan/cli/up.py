"""huiquan up: the whole house on one machine, with a demonstration in it.  一键启动"""

import asyncio
import fcntl
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as dt_time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huiquan.cli import seeding
from huiquan.cli.house import leave_settings
from huiquan.cli.keeper import Keeper, kept
from huiquan.cli.processes import Processes, Start
from huiquan.cli.starts import (
    LOOPS,
    loops_of,
    outsiders_of,
    port_of,
    signer_urls,
    signers_of,
    web_at,
)
from huiquan.cli.trouble import fail
from huiquan.clock import make_clock
from huiquan.db.embedded import Embedded, create_database, start_embedded
from huiquan.db.migrate import migrate
from huiquan.domain.days import SHANGHAI, day_of, moment
from huiquan.gateways.keys import make_keys
from huiquan.settings import Settings, read_settings, write_settings

CROWD_PEOPLE = 200
CLOCK_FILE = "clock-offset"
PUBLISHED_AT = dt_time(10, 0)
LOOK_S = 0.2
DESKS = ("notary", "auditor")
DESK_PORT_BESIDE = 10  # A signer on port 8611 has its desk on 8621.

console = Console(highlight=False)


def up(
    at: Annotated[
        str | None, typer.Option(help="set the house's clock, such as 2026-02-06T09:59:30+08:00")
    ] = None,
    crowd: Annotated[bool, typer.Option(help="let a small simulated crowd take part")] = False,
    fresh: Annotated[bool, typer.Option(help="forget everything and start anew")] = False,
    home: Annotated[Path | None, typer.Option(help="where the house keeps its data")] = None,
) -> None:
    """Start everything: database, notary, auditor, witness, house, and the 2026 campaign."""
    settings = read_settings(os.environ)
    settings = replace(settings, home=(home or settings.home).resolve(), demo=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    own = settings.home / "postgres" if settings.database_url is None else None
    with _alone(settings.home, fresh) as lock:
        settings = replace(settings, clock_offset_s=_offset_s(settings.home, at))
        try:
            with kept(own, lock) as keeper:
                _run(settings, own, keeper, at, crowd)
        except KeyboardInterrupt:
            console.print("\nstopped.")


def _run(settings: Settings, own: Path | None, keeper: Keeper, at: str | None, crowd: bool) -> None:
    embedded = None
    processes = Processes(logs=settings.home / "logs", environment={}, tell=keeper.tell)
    try:
        if own is not None:
            with console.status("starting PostgreSQL …"):
                embedded = start_embedded(own)
                address = create_database(embedded, "huiquan")
                settings = replace(settings, database_url=address)
        with console.status("preparing the database and the keys …"):
            migrate(str(settings.database_url))
            make_keys(settings.keys, seeding.campaign_codes(), os.urandom)
        if not asyncio.run(seeding.is_seeded(settings)):
            _seed(settings, processes)
            # Seeding takes its time; the demonstration's clock begins when the house does.
            settings = replace(settings, clock_offset_s=_keep_offset_s(settings.home, at))
        processes.environment = write_settings(settings)
        leave_settings(settings)
        _start_house(processes, settings)
        if crowd:
            processes.start("crowd", seeding.crowd_arguments(settings, CROWD_PEOPLE))
        _greet(settings)
        _watch(processes, embedded)
    finally:
        with console.status("stopping …"):
            processes.stop()
            if embedded is not None:
                embedded.stop()


def _start_house(processes: Processes, settings: Settings) -> None:
    with console.status("starting notary, auditor, witness, web, rounds and jobs …"):
        processes.start_all((*outsiders_of(settings), *_signers(settings)))
        processes.start_all((web_at(settings), *loops_of(*LOOPS)))


def _signers(settings: Settings) -> Iterator[Start]:
    urls = signer_urls(settings)
    return signers_of(settings, desks={name: _desk_port(urls[name]) for name in DESKS})


def _seed(settings: Settings, processes: Processes) -> None:
    """Publish the campaign as the department would have, the morning before the house's day."""
    eve = replace(settings, clock_offset_s=settings.clock_offset_s - _since_eve_s(settings))
    signers = replace(processes, environment=write_settings(eve), children=[])
    try:
        with console.status("publishing the 2026 campaign, opening demo stores …"):
            signers.start_all(_signers(eve))
            asyncio.run(seeding.seed(eve))
    finally:
        signers.stop()


def _since_eve_s(settings: Settings) -> int:
    """How long ago it was ten in the morning of the day before, by the house's clock.

    A config acts 12 hours and a half after it is published, and rules only days that begin later.
    """
    now = make_clock(settings)()
    eve = moment(day_of(now) - timedelta(days=1), PUBLISHED_AT)
    return round((now - eve).total_seconds())


def _watch(processes: Processes, embedded: Embedded | None) -> None:
    """Keep everything alive until Ctrl-C."""
    while True:
        time.sleep(LOOK_S)
        if embedded is not None and not embedded.is_running():
            console.print("PostgreSQL died; starting it again")
            embedded.start()
        for name in processes.revive():
            console.print(f"{name} died; started again (see {processes.log_of(name)})")


def _greet(settings: Settings) -> None:
    page = f"http://{settings.host}:{settings.web_port}"
    now = make_clock(settings)().astimezone(SHANGHAI)
    text = f"""
[bold]huiquan 惠券 is up.[/bold]  The house's clock says {now:%Y-%m-%d %H:%M:%S} (Asia/Shanghai).

  consumer page   {page}/            register, draw, see the voucher
  SMS codes       {settings.sms_url}/      what the demo's phones receive
  cashier page    {page}/merchant/   {seeding.cashier_sign_in(settings)}
  console         {page}/console/    {seeding.OFFICIAL_SIGN_IN}
  notary's page   http://127.0.0.1:{_desk_port(settings.notary_url)}/
  auditor's page  http://127.0.0.1:{_desk_port(settings.auditor_url)}/
  public page     {page}/public/     each day of the draw; anyone's proof checked
  API description {page}/schema

Try this: open the consumer page, register (any name; take a document number from
{settings.home / seeding.PEOPLE_FILE}), read the code from the SMS page, let the page use the demo
location, draw. In this demonstration about every third draw wins. Then open the voucher's code,
sign in as the cashier on another tab, type the 12 digits and redeem.
Logs are in {settings.home / "logs"}. Ctrl-C stops everything; the data stay for the next time.
"""
    console.print(text, soft_wrap=True)


def _desk_port(url: str) -> int:
    return int(port_of(url)) + DESK_PORT_BESIDE


def _offset_s(home: Path, at: str | None) -> int:
    """The clock's offset in whole seconds: from --at, else as it was last time, else none.

    A house with data never goes back in time: a second start with an earlier --at goes on from
    where its clock is, a later --at moves it on.
    """
    kept = home / CLOCK_FILE
    wanted = _wanted_offset_s(at)
    if kept.exists():
        before = int(kept.read_text())
        wanted = max(wanted, before) if at is not None else before
        kept.write_text(f"{wanted}\n")
    return wanted


def _keep_offset_s(home: Path, at: str | None) -> int:
    """Take the clock's offset as it is wanted now, and keep it for the next start."""
    wanted = _wanted_offset_s(at)
    (home / CLOCK_FILE).write_text(f"{wanted}\n")
    return wanted


def _wanted_offset_s(at: str | None) -> int:
    if at is None:
        return 0
    try:
        wanted = datetime.fromisoformat(at)
    except ValueError:
        fail(f"--at {at}: not a time; write it as 2026-02-06T09:59:30+08:00")
    if wanted.tzinfo is None:
        wanted = wanted.replace(tzinfo=SHANGHAI)
    return round((wanted - datetime.now(UTC)).total_seconds())


@contextmanager
def _alone(home: Path, fresh: bool) -> Iterator[int]:
    """Only one house lives in a directory at a time. Gives the number of the file that is locked:
    whoever inherits it has the lock, too."""
    home.parent.mkdir(parents=True, exist_ok=True)
    lock_path = home.parent / f"{home.name}.lock"
    with lock_path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fail(f"a house is running in {home}, or one that was killed is just being ended")
        if fresh and home.exists():
            shutil.rmtree(home)
        home.mkdir(parents=True, exist_ok=True)
        yield lock.fileno()
