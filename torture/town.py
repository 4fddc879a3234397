"""People, tills and acquirers of a run: they come in by the public doors and know nothing else.

小城。 Whoever is not answered asks again with the same number until patience is over; what was
asked for is then unknown, and nothing is promised about it but that it did not happen twice.
"""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import httpx

from huiquan.gateways.maps import load_regions
from simulation.cashier import Till
from simulation.consumer import Consumer, Street
from simulation.door import Door, open_line
from simulation.people import Person, Trouble, make_people
from torture.history import History
from torture.mall import Mall
from torture.prepare import CAMPAIGN_ID, CONSENT_VERSION
from torture.tenders import Tender

PATIENCE_S = 120.0
Deed: TypeAlias = Callable[[], Awaitable[object]]
CONNECTIONS = 64


@dataclass
class Town:
    """Everything the people of a run share."""

    history: History
    street: Street
    tills: list[Till]
    tenders: list[Tender]
    mall: Mall
    platform: bytes
    people: list[Person]
    consumers: dict[int, Consumer] = field(default_factory=dict)
    till_of: dict[str, Till] = field(default_factory=dict)
    # What people mean to do on a later day: spend a voucher, bring goods back.
    errands: list[Deed] = field(default_factory=list)

    @property
    def signing(self) -> list[Tender]:
        """Everyone whose numbers stand for money: acquirers, and the online platform."""
        return [*self.tenders, self.mall]

    @property
    def door(self) -> Door:
        """The public doors."""
        return self.street.door

    def till_for(self, pack: int, throw: random.Random) -> Till:
        """A till that takes this pack."""
        return throw.choice([till for till in self.tills if pack in till.store.packs])


def people_of(seed: int, count: int) -> list[Person]:
    """So many people without trouble of their own."""
    candidates = make_people(load_regions(), seed, count * 5 // 4 + 20)
    found = [one for one in candidates if one.trouble is Trouble.NONE][:count]
    assert len(found) == count
    return found


@asynccontextmanager
async def open_street(
    url: str, sms_url: str, clock: Callable[[], datetime], history: History, seed: int
) -> AsyncIterator[Street]:
    """The lines from the people to the house; every answer is watched."""
    line, inbox = open_line(url, connections=CONNECTIONS), open_line(sms_url)
    line.event_hooks["response"].append(_watch(history))
    try:
        yield Street(
            door=Door(line=line, patience_s=PATIENCE_S),
            inbox=inbox,
            campaign=CAMPAIGN_ID,
            consent_version=CONSENT_VERSION,
            clock=clock,
            seed=seed,
        )
    finally:
        await line.aclose()
        await inbox.aclose()


def _watch(history: History):  # type: ignore[no-untyped-def]
    async def look(response: httpx.Response) -> None:
        what = f"{response.request.method} {response.request.url.path}: {response.status_code}"
        if response.status_code == 503 and "retry-after" not in response.headers:
            history.break_rule(f"{what} without Retry-After")
        if response.status_code >= 500 and response.status_code != 503:
            await response.aread()
            history.break_rule(f"{what} {response.text[:300]}")

    return look
