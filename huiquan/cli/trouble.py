"""Trouble a command can meet, said in one line.  命令行错误"""

from typing import NoReturn, TypeVar

import asyncpg
import typer
from rich.console import Console

from huiquan.domain.refusals import Refusal
from huiquan.gateways.faults import OutsiderFault

T = TypeVar("T")

KNOWN_TROUBLE: tuple[type[Exception], ...] = (
    ValueError,
    OSError,
    OutsiderFault,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

_stderr = Console(stderr=True, highlight=False)


def fail(reason: str) -> NoReturn:
    """End the command with one line on the error output and exit status 1."""
    _stderr.print(f"huiquan: {reason}", markup=False)
    raise typer.Exit(1)


def refused(refusal: Refusal) -> NoReturn:
    """End the command because of a refusal, in both languages."""
    fail(f"{refusal.zh} {refusal.en} ({refusal.value})")


def granted(outcome: T | Refusal) -> T:
    """What was asked for; a refusal ends the command."""
    if isinstance(outcome, Refusal):
        refused(outcome)
    return outcome
