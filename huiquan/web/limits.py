"""Limits: how often one phone, one login or one address may knock at the costly doors.  限流

Small buckets in the memory of each process. They spare money and patience (text messages, password
checks) and guard nothing else, so they may fail open; what must hold is held in the database.
Many people share one address behind a carrier's network, so addresses get wide limits.
"""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from litestar import Request

from huiquan.app import App
from huiquan.domain.phones import normalise_phone
from huiquan.domain.refusals import Refusal
from huiquan.web.answers import RefusedError

KEYS_MAX = 50_000
SECRETS_AT_ONCE = 2
SECRETS_WAITING_MAX = 64


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """So many at once, and then one more every so many seconds."""

    name: str
    at_once: int
    every_s: float


SMS_OF_PHONE = Allowance(name="sms/phone", at_once=5, every_s=600)
SMS_OF_ADDRESS = Allowance(name="sms/address", at_once=300, every_s=0.2)
SIGN_IN_OF_PHONE = Allowance(name="sign-in/phone", at_once=10, every_s=60)
SIGN_IN_OF_LOGIN = Allowance(name="sign-in/login", at_once=6, every_s=180)
SIGN_IN_OF_ADDRESS = Allowance(name="sign-in/address", at_once=300, every_s=0.2)


class Limits:
    """The buckets of one process. A bucket is kept as the moment at which it is full again."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._full_at: dict[tuple[str, str], float] = {}
        self._secrets = asyncio.Semaphore(SECRETS_AT_ONCE)
        self._secrets_waiting = 0

    def take(self, allowance: Allowance, key: str) -> None:
        """Let one through, or leave the door with TOO_MANY_REQUESTS and the seconds to wait."""
        if not self._app.settings.rate_limits:
            return
        now = self._app.clock().timestamp()
        if len(self._full_at) > KEYS_MAX:
            self._full_at = {one: at for one, at in self._full_at.items() if at > now}
        full_at = max(self._full_at.get((allowance.name, key), now), now) + allowance.every_s
        wait_s = full_at - now - allowance.at_once * allowance.every_s
        if wait_s > 0:
            raise RefusedError(Refusal.TOO_MANY_REQUESTS, {"wait_s": math.ceil(wait_s)})
        self._full_at[(allowance.name, key)] = full_at

    def take_phone(self, allowance: Allowance, phone_text: str) -> None:
        """The same for a phone, however it is written; what is no phone is refused elsewhere."""
        phone = normalise_phone(phone_text)
        if not isinstance(phone, Refusal):
            self.take(allowance, phone)

    @asynccontextmanager
    async def secret_turn(self) -> AsyncIterator[None]:
        """Password checks two at a time; with too many waiting the answer is BUSY."""
        if self._secrets_waiting >= SECRETS_WAITING_MAX:
            raise RefusedError(Refusal.BUSY)
        self._secrets_waiting += 1
        try:
            async with self._secrets:
                yield
        finally:
            self._secrets_waiting -= 1


def address_of(request: Request[Any, Any, Any]) -> str:
    """Where a request comes from; behind a proxy, what the proxy says of it."""
    return request.client.host if request.client else "unknown"
