"""A door of the house, as everyone outside knows it: HTTP, asked again when the line breaks.  请求

Every request that writes carries a request key chosen here, so asking again is always safe: the
house gives the same answer and does nothing twice. What the house refuses is counted by its code.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from huiquan.domain.refusals import Refusal

FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 3.0
# Not refusals of a rule: the house has too much to do, or a helper of its is away for a moment.
PASSING = {Refusal.BUSY, Refusal.TOO_MANY_REQUESTS, Refusal.IDENTITY_UNAVAILABLE}
PASSING_CODES = {refusal.value for refusal in PASSING}
KNOWN_CODES = {refusal.value for refusal in Refusal}

Json = dict[str, Any]


class DoorFaultError(Exception):
    """The house did not answer in all the time we were ready to wait, or broke a promise."""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """What the house said no with."""

    code: str
    detail: Json = field(default_factory=dict)


@dataclass
class Door:
    """One line to the house, and how often it refused what."""

    line: httpx.AsyncClient
    patience_s: float = 60.0
    refusals: Counter[str] = field(default_factory=Counter)

    async def ask(
        self,
        what: str,
        body: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
    ) -> Json | Refused:
        """Ask such as "POST /api/v1/draws" until there is an answer, or patience is over.

        Raises DoorFaultError then, and at once for an answer that no rule explains.
        """
        method, path = what.split(" ", 1)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        deadline, wait_s = time.monotonic() + self.patience_s, FIRST_WAIT_S
        while True:
            answer = await self._once(method, path, body, headers)
            if isinstance(answer, dict):
                return answer
            if isinstance(answer, Refused) and answer.code not in PASSING_CODES:
                self.refusals[answer.code] += 1
                return answer
            if time.monotonic() + wait_s > deadline:
                raise DoorFaultError(f"{what}: {answer}")
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    async def _once(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> Json | Refused | str:
        """One try: the answer, a refusal, or in words why there was neither."""
        try:
            response = await self.line.request(method, path, json=body, headers=headers)
        except httpx.TransportError as fault:
            return repr(fault)
        if response.is_success:
            read: Json = response.json()
            return read
        try:
            said = response.json()
            refused = Refused(code=said["code"], detail=said.get("detail") or {})
        except (ValueError, KeyError, TypeError):
            refused = Refused(code=str(response.status_code))
        if response.status_code >= 500 and refused.code not in KNOWN_CODES:
            raise DoorFaultError(f"{method} {path}: {response.status_code} {response.text[:200]}")
        return refused


def open_line(url: str, connections: int = 32) -> httpx.AsyncClient:
    """A line to an address, with so many connections at most."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx.AsyncClient(base_url=url, limits=limits, timeout=30, trust_env=False)
