"""A crowd in bulk: the rows that registering would leave, ten million if need be.  人群

Registering a million people through the door would take hours, and is not what is measured. So the
rows the draw looks at (registration, consents, phone) are copied in, made by the same functions;
what the door keeps besides (the answered request, the used SMS code, the audit line) is left out.
"""

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import asyncpg

from bench.copying import (
    copy_rows,
    in_parts,
    integer,
    jsonb,
    keys_laid_aside,
    moment,
    row,
    smallint,
    text,
    value,
)
from bench.taps import PERSON, people_file, where_of, write_homes
from huiquan.db.campaign_state import load_campaign
from huiquan.db.connection import open_database
from huiquan.domain.campaigns import Campaign
from huiquan.domain.consents import ConsentKind
from huiquan.domain.coordinates import Datum
from huiquan.domain.days import SHANGHAI
from huiquan.domain.lottery import lane_of, pid_of
from huiquan.domain.people import Document, DocumentKind, check_digit, person_key
from huiquan.domain.regions import Location, Place, locate
from huiquan.domain.registrants import Registrant, registration_no_from_random, sealing_context
from huiquan.gateways.keys import KeyRing, load_keys
from huiquan.gateways.maps import load_regions
from huiquan.gateways.vault import KeyVault
from huiquan.settings import Settings
from simulation.places import towns_of

AT_ONCE = 20_000
AHEAD = 6
ACCURACY_M = 25
SESSION = timedelta(days=30)
_FIRST_BIRTHDAY = date(1960, 1, 1)
_CHECK_DIGITS = "10X98765432"
_TABLES = {
    "registrations": [
        "lane",
        "campaign_id",
        "pid",
        "registration_no",
        "person_key",
        "phone_key",
        "sealed",
        "document_kind",
        "city",
        "county",
        "evidence",
        "rulebook_version",
        "identity_checked_at",
        "registered_at",
        "consent_standing",
    ],
    "consents": ["lane", "campaign_id", "pid", "kind", "version", "granted_at"],
    "phones": ["campaign_id", "phone_key", "lane", "pid"],
}

Progress = Callable[[int], None]


class Home(NamedTuple):
    """A place where people live: as a phone says it, and as the house judged it."""

    lat: str
    lng: str
    place: Place


class Made(NamedTuple):
    """Some people: the rows of each table, as they are copied, and their 18 bytes each."""

    rows: dict[str, bytes]
    people: bytes


@dataclass(frozen=True, kw_only=True)
class Office:
    """Where people are registered in bulk: keys, campaign, places, and the moment."""

    keys: KeyRing
    campaign: Campaign
    homes: Sequence[Home]
    at: datetime


async def settle_in(settings: Settings, count: int, at: datetime, home: Path, on: Progress) -> None:
    """Register `count` people at a moment, and keep what their taps are made of in `home`.

    `on` is told how many there are. The campaign must be published. Which documents, phones and
    places they have follows from their number alone.
    """
    office = Office(
        keys=load_keys(settings.keys),
        campaign=await campaign_of(settings),
        homes=homes_at(at),
        at=at,
    )
    write_homes(home, [where_of(one.lat, one.lng, ACCURACY_M) for one in office.homes])
    connection = await asyncpg.connect(settings.database_url, timeout=60)
    done = 0
    try:
        with people_file(home).open("wb") as file:
            async with keys_laid_aside(connection, _TABLES):
                async for made in _made(office, count):
                    for table, columns in _TABLES.items():
                        await copy_rows(connection, table, columns, made.rows[table])
                    file.write(made.people)
                    done += len(made.people) // PERSON.size
                    on(done)
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


async def campaign_of(settings: Settings) -> Campaign:
    """The published campaign of a house."""
    db = await open_database(str(settings.database_url))
    try:
        async with db.reading() as tx:
            campaign = await load_campaign(tx, settings.campaign)
    finally:
        await db.close()
    assert campaign is not None, "the campaign is published before people register"
    return campaign


async def _made(office: Office, count: int) -> AsyncIterator[Made]:
    """Everybody, part after part; on all cores where that is worth starting processes."""
    parts = list(in_parts(count, AT_ONCE))
    if len(parts) < 4:
        for part in parts:
            yield make_people(office, part)
        return
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(
        os.cpu_count(), mp_context=get_context("fork"), initializer=_open_office, initargs=(office,)
    ) as pool:
        waiting: deque[asyncio.Future[Made]] = deque()
        for part in parts:
            if len(waiting) >= AHEAD:
                yield await waiting.popleft()
            waiting.append(loop.run_in_executor(pool, _make_part, part))
        while waiting:
            yield await waiting.popleft()


_open: list[Office] = []


def _open_office(office: Office) -> None:
    """What a forked process knows of the office; a campaign cannot be sent to it."""
    _open[:] = [office]


def _make_part(numbers: range) -> Made:
    return make_people(_open[0], numbers)


def make_people(office: Office, numbers: range) -> Made:
    """The rows of the people with these numbers."""
    campaign, at = office.campaign, office.at
    vault = KeyVault(master=office.keys.master, lookup=office.keys.lookup, random_bytes=os.urandom)
    version, number_id = campaign.version_at(at), smallint(campaign.campaign_id)
    tails = [_tail(home.place, version.version, at) for home in office.homes]
    said = text(version.rulebook.consent_version) + moment(at)
    kinds = [text(kind.value) + said for kind in ConsentKind]
    pseudonyms = office.keys.pseudonym[campaign.code]
    registrations, consents, phones, people = [], [], [], []
    for number in numbers:
        document, phone = document_of(number), f"1{3_000_000_000 + number}"
        key = person_key(vault.lookup, document)
        phone_key = value(vault.index("phone", phone))
        pid = pid_of(pseudonyms, key)
        who = Registrant(lane=lane_of(campaign.lane_hash, pid, campaign.lanes), pid=pid)
        details = {"name": "王测量", "document": document.number, "phone": phone}
        sealed = vault.seal(details, sealing_context(campaign.campaign_id, who))
        lane, kept_pid = smallint(who.lane), value(pid)
        place = lane + number_id + kept_pid
        quoted = text(registration_no_from_random(os.urandom(8)))
        tail = tails[number % len(tails)]
        registrations.append(row(15, place, quoted, value(key), phone_key, value(sealed), tail))
        consents += [row(6, place, kind) for kind in kinds]
        phones.append(row(4, number_id, phone_key, lane, kept_pid))
        people.append(PERSON.pack(who.lane, pid))
    return Made(
        rows={
            "registrations": b"".join(registrations),
            "consents": b"".join(consents),
            "phones": b"".join(phones),
        },
        people=b"".join(people),
    )


def _tail(place: Place, version: int, at: datetime) -> bytes:
    """What is the same in the rows of all who live at one place."""
    return b"".join(
        (
            text(DocumentKind.RESIDENT_ID.value),
            text(place.city),
            text(place.county),
            jsonb(_evidence(place)),
            integer(version),
            moment(at),
            moment(at),
            text("given"),
        )
    )


def homes_at(at: datetime) -> list[Home]:
    """The middle of every county's town, where the borders leave no doubt, seen at a moment."""
    regions = load_regions()
    homes = []
    for towns in towns_of(regions).values():
        for town in towns:
            # Always ten characters, so that every tap has the same length.
            lat, lng = f"{town.lat:010.7f}", f"{town.lng:010.6f}"
            place = locate(regions, location_of(lat, lng, at), at)
            if isinstance(place, Place):
                homes.append(Home(lat=lat, lng=lng, place=place))
    return homes


def location_of(lat: str, lng: str, at: datetime) -> Location:
    """Where a phone says it is."""
    return Location(
        lat=float(lat),
        lng=float(lng),
        accuracy_m=ACCURACY_M,
        datum=Datum.WGS84,
        mocked=False,
        taken_at=at,
    )


def document_of(number: int) -> Document:
    """The citizen number of the person with this number; no two are the same below 18 million."""
    days, nth = divmod(number, 999)
    born, before, share = _birthday(days % 18_000)
    after = f"{nth + 1:03}"
    last = _CHECK_DIGITS[(share + _share_of_last(after)) % 11]
    return Document(kind=DocumentKind.RESIDENT_ID, number=f"{before}{after}{last}", birth_date=born)


# A check digit is a sum over the places, so the halves of a number can be added up one by one:
# with ten million numbers that is a minute.


@cache
def _birthday(day: int) -> tuple[date, str, int]:
    """A birthday, the first fourteen digits of those born then, and their part of the sum."""
    born = _FIRST_BIRTHDAY + timedelta(days=day)
    before = f"420102{born:%Y%m%d}"
    return born, before, _CHECK_DIGITS.index(check_digit(f"{before}000"))


@cache
def _share_of_last(after: str) -> int:
    return _CHECK_DIGITS.index(check_digit(f"{'0' * 14}{after}"))


def _evidence(place: Place) -> str:
    """What the decision about the place rests on, as registering writes it."""
    taken_at = place.taken_at.astimezone(SHANGHAI).isoformat()
    return (
        f'{{"city":"{place.city}","county":"{place.county}","cell":"{place.cell}",'
        f'"near_border":{str(place.near_border).lower()},"accuracy_m":{place.accuracy_m},'
        f'"datum":"{place.datum.value}","taken_at":"{taken_at}"}}'
    )
