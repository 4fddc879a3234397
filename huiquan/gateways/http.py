"""Asking an outsider over HTTP: with a limit on waiting, and no more than is safe.  外部调用

A question is asked again only where the outsider treats the second as the first. After several
faults in a row nobody is asked for a few seconds, so that waiting people do not pile up behind a
helper that is away; then one question tries whether it is back.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
import msgspec

from huiquan.gateways.faults import OutsiderFault

T = TypeVar("T")

_PAUSE_S = 0.05
_BYTES, _JSON = "application/octet-stream", "application/json"


@dataclass(kw_only=True)
class Fuse:
    """Counts faults in a row; at the limit it stays open for a while."""

    limit: int = 5
    rest_s: float = 3.0
    monotonic: Callable[[], float] = time.monotonic
    faults_in_a_row: int = 0
    asks_again_at: float = 0.0

    def lets_through(self) -> bool:
        """True if the outsider may be asked. After a rest one question goes through."""
        if self.faults_in_a_row < self.limit:
            return True
        if self.monotonic() < self.asks_again_at:
            return False
        self.asks_again_at = self.monotonic() + self.rest_s
        return True

    def note(self, answered: bool) -> None:
        """Remember whether the outsider answered."""
        self.faults_in_a_row = 0 if answered else self.faults_in_a_row + 1
        if self.faults_in_a_row == self.limit:
            self.asks_again_at = self.monotonic() + self.rest_s


@dataclass(frozen=True, kw_only=True)
class Outsider:
    """One outsider: its name in logs, the connection to it, and its fuse."""

    name: str
    client: httpx.AsyncClient
    fuse: Fuse = field(default_factory=Fuse)


def connect(name: str, url: str, timeout_s: float = 2.0) -> Outsider:
    """Prepare the connection to an outsider; nothing is asked yet."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=16)
    client = httpx.AsyncClient(base_url=url, timeout=timeout_s, limits=limits, trust_env=False)
    return Outsider(name=name, client=client)


async def ask(
    outsider: Outsider,
    path: str,
    body: object,
    answer: type[T],
    tries: int = 1,
    within_s: float | None = None,
) -> T:
    """Ask one question and read the answer as a type. Raises OutsiderFault.

    A body of bytes is sent as it is, any other as JSON. Status 409 is an answer, a refusal: it is
    a fault for whoever asked, but the outsider is there, so it is not asked again and its fuse
    does not count it.

    tries: how often it may be asked; more than once only if asking again changes nothing.
    within_s: how long one answer may take, where it is work; otherwise what is usual for the
    outsider.
    """
    if not outsider.fuse.lets_through():
        raise OutsiderFault(outsider.name, "resting")
    reason = ""
    for turn in range(tries):
        if turn:
            await asyncio.sleep(_PAUSE_S)
        try:
            told = await _ask_once(outsider, path, body, answer, within_s)
        except _RefusedError as refused:
            outsider.fuse.note(answered=True)
            raise OutsiderFault(outsider.name, str(refused)) from refused
        except _NoAnswerError as fault:
            reason = str(fault)
        else:
            outsider.fuse.note(answered=True)
            return told
    outsider.fuse.note(answered=False)
    raise OutsiderFault(outsider.name, reason)


class _NoAnswerError(Exception):
    """This try brought no answer that can be used."""


class _RefusedError(Exception):
    """The outsider answered, and its answer is no."""


async def _ask_once(
    outsider: Outsider, path: str, body: object, answer: type[T], within_s: float | None
) -> T:
    try:
        response = await outsider.client.post(
            path,
            content=body if isinstance(body, bytes) else msgspec.json.encode(body),
            headers={"content-type": _BYTES if isinstance(body, bytes) else _JSON},
            timeout=httpx.USE_CLIENT_DEFAULT if within_s is None else within_s,
        )
    except httpx.TimeoutException as error:
        raise _NoAnswerError("timeout") from error
    except httpx.HTTPError as error:
        raise _NoAnswerError("unreachable") from error
    if response.status_code == httpx.codes.CONFLICT:
        raise _RefusedError(f"status 409 {_said(response)}".rstrip())
    if response.status_code != 200:
        raise _NoAnswerError(f"status {response.status_code} {_said(response)}".rstrip())
    try:
        return msgspec.json.decode(response.content, type=answer)
    except msgspec.DecodeError as error:
        raise _NoAnswerError("unreadable") from error


class _Said(msgspec.Struct):
    code: str = ""


def _said(response: httpx.Response) -> str:
    """The code of a refusal, for our logs; nothing if it says none that we can read."""
    try:
        return msgspec.json.decode(response.content, type=_Said).code[:40]
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
