"""Who is measured: what each of them is, how it is started, how one counts what it kept.  对照者"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bench import counts
from bench.counts import Counted, count_house
from bench.house import DAY, HALF_PAST, House, Prepared, running_house, wait_until_checked
from bench.machine import Family
from bench.taps import Tap, Taps

ENTERING = "/api/v1/draws"
OUTCOME = f"{ENTERING}/{DAY}"
CONSTANT = "/healthz"


@dataclass(frozen=True, kw_only=True)
class Running:
    """A contender at work.

    family gives its processes; count says what it kept, given how many it acknowledged and how many
    were under way at the end; kill is kill -9 of what remembers, restart starts it again; stored
    names every entry it remembers, as `name_of` names the tap it came from.
    """

    url: str
    ahead_s: int
    taps: Taps
    family: Callable[[], Family]
    count: Callable[[int, int], Counted]
    kill: Callable[[], object]
    restart: Callable[[], None]
    stored: Callable[[], set[str]]
    name_of: Callable[[Tap], str]


class Contender(Protocol):
    """Something that answers taps."""

    @property
    def name(self) -> str:
        """A short word for the command line."""
        ...

    @property
    def title(self) -> str:
        """What stands in the table."""
        ...

    def running(self) -> AbstractContextManager[Running]:
        """Start it fresh; at the end it is stopped and what it kept is forgotten."""
        ...


def key_of(tap: Tap) -> str:
    """The key of a tap's request, by which an entry in our tables is known."""
    return tap.body[16:48]


@dataclass(frozen=True, kw_only=True)
class Ours:
    """This house, with so many web processes."""

    prepared: Prepared
    workers: int
    at: datetime = HALF_PAST

    @property
    def name(self) -> str:
        """A short word for the command line."""
        return "ours"

    @property
    def title(self) -> str:
        """What stands in the table."""
        return "(a, b) huiquan"

    @contextmanager
    def running(self) -> Iterator[Running]:
        """A fresh house with the prepared crowd, which has put its first questions."""
        with running_house(self.prepared, workers=self.workers, at=self.at) as house:
            wait_until_checked(house)
            yield running_ours(house)


def running_ours(house: House) -> Running:
    """A running house of ours as one of the contenders."""
    address = str(house.settings.database_url)

    def count(acknowledged: int, in_flight: int) -> Counted:
        counts.wait_drawn(address)
        return count_house(
            address, acknowledged=acknowledged, in_flight=in_flight, checked=house.check()
        )

    return Running(
        url=house.url,
        ahead_s=house.ahead_s,
        taps=house.prepared.taps,
        family=lambda: house.family,
        count=count,
        kill=lambda: house.kill("database"),
        restart=house.prepared.embedded.start,
        stored=lambda: counts.names(address, "select request_key as name from entries"),
        name_of=key_of,
    )
