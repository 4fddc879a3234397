"""Taps: what each person of the crowd sends, written when it is needed.  摇号请求

Of a person 18 bytes are kept: lane and pseudonym. Pass, nonce and body follow from these and the
person's number, so that ten million people are a file of 180 MB and the same person always sends
the same.
"""

import hashlib
import json
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from huiquan.domain.tokens import Claims, Door, TokenKeys, device_mark, mint_token
from huiquan.gateways.keys import KeyRing

PERSON = struct.Struct(">h16s")
PACKS = (1, 2, 2, 3, 3)  # as the rulebook spreads the entries: 20, 40, 40 %
HANDS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Tap:
    """One person's tap, ready to be sent: the pass, and the body up to the time of the fix.

    Written as `token body`, a line each. What is left out is added when it is sent: the time, and
    the two brackets that end the body.
    """

    token: str
    body: str

    def line(self) -> str:
        """As it stands in a file for wrk."""
        return f"{self.token} {self.body}\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One person of the crowd, by the number they were registered under."""

    number: int
    lane: int
    pid: bytes

    @property
    def nonce(self) -> str:
        """The phone's own nonce, 32 digits; it serves as the key of the request, too."""
        return hashlib.blake2b(b"%d" % self.number, digest_size=16).hexdigest()

    @property
    def pack(self) -> int:
        """The pack they want."""
        return PACKS[self.number % len(PACKS)]


class CrowdTooSmallError(Exception):
    """More people are wanted than were registered: nothing was measured with those there are."""

    def __init__(self, wanted: int, left: int, what: str) -> None:
        super().__init__(
            f"{what} needs {wanted:,} people who have not come yet, and {left:,} are left:"
            f" take --people larger by at least {wanted - left:,}"
        )


Pass = Callable[[Person], str]


@dataclass(frozen=True, kw_only=True)
class Taps:
    """The taps of a crowd that is kept in a directory, with passes of one kind."""

    home: Path
    mint: Pass

    @property
    def people(self) -> int:
        """How many there are."""
        return people_file(self.home).stat().st_size // PERSON.size

    def some(self, first: int, count: int) -> Iterator[Tap]:
        """The taps of some people, one after the other; fewer where there are no more."""
        wheres: list[str] = json.loads(homes_file(self.home).read_text())
        for person in persons(self.home, first, count):
            nonce = person.nonce
            yield Tap(
                token=self.mint(person),
                body=f'{{"request_key":"{nonce}","client_nonce":"{nonce}","pack":{person.pack},'
                f'"location":{wheres[person.number % len(wheres)]}',
            )

    def deal(self, first: int, count: int) -> str:
        """Write taps into files for wrk, one for each of its hands, dealt in turn.

        Gives the files' name without the number of the hand.
        """
        into = self.home / "hand"
        write_hands(self.some(first, count), into)
        return str(into)


def write_hands(taps: Iterable[Tap], into: Path) -> list[Path]:
    """Deal taps in turn into files, one for each hand."""
    files = [into.with_name(f"{into.name}-{hand}.txt") for hand in range(HANDS)]
    opened = [file.open("w", encoding="ascii") for file in files]
    try:
        for turn, tap in enumerate(taps):
            opened[turn % HANDS].write(tap.line())
    finally:
        for file in opened:
            file.close()
    return files


def people_file(home: Path) -> Path:
    """Where the people of a crowd stand, 18 bytes each."""
    return home / "people.bin"


def homes_file(home: Path) -> Path:
    """Where the places stand at which they live, as their phones say them."""
    return home / "homes.json"


def persons(home: Path, first: int, count: int) -> Iterator[Person]:
    """Some people of a crowd, one after the other; fewer where there are no more."""
    with people_file(home).open("rb") as file:
        file.seek(first * PERSON.size)
        for number in range(first, first + count):
            record = file.read(PERSON.size)
            if not record:
                return
            lane, pid = PERSON.unpack(record)
            yield Person(number=number, lane=lane, pid=pid)


def house_pass(keys: KeyRing, campaign_id: int, until: datetime) -> Pass:
    """The passes of our own house, as signing in would give them."""
    tokens = TokenKeys(newest=max(keys.token), keys=keys.token)

    def mint(person: Person) -> str:
        claims = Claims(
            door=Door.CONSUMER,
            campaign_id=campaign_id,
            lane=person.lane,
            who=person.pid,
            device=device_mark(f"phone {person.number}"),
            expires_at=until,
        )
        return mint_token(tokens, claims)

    return mint


def where_of(lat: str, lng: str, accuracy_m: int) -> str:
    """A place as a phone says it, up to the time of the fix."""
    return (
        f'{{"lat":{lat},"lng":{lng},"accuracy_m":{accuracy_m},"datum":"wgs84",'
        f'"mocked":false,"taken_at":"'
    )


def write_homes(home: Path, wheres: Sequence[str]) -> None:
    """Keep the places."""
    homes_file(home).write_text(json.dumps(list(wheres)))
