"""The house for commands that need its books alone: a database and a clock.  账务命令

Nobody is asked and nothing is signed, so these commands run where no key is and no signer answers.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import Progress

from huiquan.app import App
from huiquan.cli.house import database_address, settings_from_environment
from huiquan.cli.trouble import granted, refused
from huiquan.clock import make_clock
from huiquan.db.connection import open_database
from huiquan.domain.fund import is_bank_ref
from huiquan.domain.refusals import Refusal
from huiquan.gateways.keys import KeyRing, load_keys
from huiquan.settings import Settings

T = TypeVar("T")


class _Absent:
    """What is not plugged in; whoever reaches for it is wrong."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"this command works with the books alone, without {name}")


@asynccontextmanager
async def open_books(settings: Settings, keys: KeyRing | None = None) -> AsyncIterator[App]:
    """The house with database and clock, given back at the end. Raises ValueError without one.

    keys are plugged in for the few commands that look somebody up.
    """
    absent: Any = _Absent()
    db = await open_database(database_address(settings), connections=2)
    try:
        yield App(
            settings=settings,
            clock=make_clock(settings),
            db=db,
            keys=absent if keys is None else keys,
            vault=absent,
            regions=absent,
            identity=absent,
            sms=absent,
            notary=absent,
            auditor=absent,
            witness=absent,
            random_bytes=absent,
        )
    finally:
        await db.close()


def ask(work: Callable[[App], Awaitable[T | Refusal]], *, signs: bool = False) -> T:
    """Do one thing with the house's books; a refusal ends the command in one line.

    signs: the platform's keys are plugged in, too.
    """

    async def run() -> T | Refusal:
        settings = settings_from_environment()
        async with open_books(settings, load_keys(settings.keys) if signs else None) as house:
            return await work(house)

    return granted(asyncio.run(run()))


def own_number(ref: str) -> str:
    """The number under which somebody asks for a thing once, as they typed it for a command.

    It is written as a bank's reference is; anything else ends the command as MALFORMED.
    """
    if not is_bank_ref(ref):
        refused(Refusal.MALFORMED)
    return ref.strip()


def progress_bar() -> Progress:
    """A bar on the error output that leaves no trace, and none where nobody is looking."""
    stderr = Console(stderr=True)
    return Progress(console=stderr, transient=True, disable=not stderr.is_terminal)
