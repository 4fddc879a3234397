"""A crowd in bulk: the rows that registering would leave, and a prepared tap for each person.  人群

Registering a million people through the door would take hours, and is not what is measured. So the
rows the draw looks at (registration, consents, phone) are copied in, made by the same functions;
what the door keeps besides (the answered request, the used SMS code, the audit line) is left out.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg

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
from huiquan.domain.tokens import Claims, Door, TokenKeys, device_mark, mint_token
from huiquan.gateways.keys import KeyRing, load_keys
from huiquan.gateways.maps import load_regions
from huiquan.gateways.vault import KeyVault
from huiquan.settings import Settings
from simulation.places import towns_of

AT_ONCE = 20_000
ACCURACY_M = 25
SESSION = timedelta(days=30)
_FIRST_BIRTHDAY = date(1960, 1, 1)
_PACKS = (1, 2, 2, 3, 3)  # as the rulebook spreads the entries: 20, 40, 40 %
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
    ],
    "consents": ["lane", "campaign_id", "pid", "kind", "version", "granted_at"],
    "phones": ["campaign_id", "phone_key", "lane", "pid"],
}
_LONELY = """
select count(*)
  from (select lane, campaign_id, pid from consents
        union all
        select lane, campaign_id, pid from phones) one
  left join registrations r using (lane, campaign_id, pid)
 where r.pid is null
"""
# Whether a person's row carries a copy of what the consents say together.
_COPIES = """
select exists (select from information_schema.columns
                where table_name = 'registrations'
                  and column_name = 'consent_standing')
"""

Progress = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Tap:
    """One person's tap, ready to be sent: the pass, and the body up to the time of the fix.

    Written as `token body`, a line each. What is left out is added when it is sent: the time, and
    the two brackets that end the body.
    """

    token: str
    body: str

    def line(self) -> str:
        """As it stands in a file of taps."""
        return f"{self.token} {self.body}\n"


@dataclass(frozen=True, kw_only=True)
class _Home:
    """A place where people live: as a phone says it, and as the house judged it."""

    lat: str
    lng: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class _Made:
    """One person: a row for each table, and the tap."""

    rows: dict[str, list[tuple[Any, ...]]]
    tap: Tap


async def settle_in(settings: Settings, count: int, at: datetime, taps: Path, on: Progress) -> None:
    """Register `count` people at a moment, and write their taps; `on` is told how many there are.

    The campaign must be published. Which documents, phones and places they have follows from their
    number alone.
    """
    keys = load_keys(settings.keys)
    db = await open_database(str(settings.database_url))
    try:
        async with db.reading() as tx:
            campaign = await load_campaign(tx, settings.campaign)
    finally:
        await db.close()
    assert campaign is not None, "the campaign is published before people register"
    everyone = _people(keys, campaign, count, at)
    connection = await asyncpg.connect(settings.database_url)
    try:
        await connection.set_type_codec(
            "jsonb", schema="pg_catalog", encoder=_to_jsonb, decoder=bytes, format="binary"
        )
        # Each consent would look for its registration, one by one, on a table without statistics:
        # hours for a million. All of them are looked for at once at the end.
        await connection.execute("set session_replication_role = replica")
        copies = await connection.fetchval(_COPIES)
        with taps.open("w", encoding="ascii") as file:
            done = 0
            while some := list(islice(everyone, AT_ONCE)):
                await _copy(connection, some, copies)
                file.writelines(one.tap.line() for one in some)
                done += len(some)
                on(done)
        assert await connection.fetchval(_LONELY) == 0, "a consent or a phone without its person"
        await connection.execute("analyze")
    finally:
        await connection.close()


def _to_jsonb(text: str) -> bytes:
    """JSON as PostgreSQL's binary copy takes it: a version byte before the text."""
    return b"\x01" + text.encode()


async def _copy(connection: "asyncpg.Connection[Any]", some: list[_Made], copies: bool) -> None:
    async with connection.transaction():
        for table, columns in _TABLES.items():
            rows = [row for one in some for row in one.rows[table]]
            if table == "registrations" and copies:
                columns, rows = [*columns, "consent_standing"], [(*row, "given") for row in rows]
            await connection.copy_records_to_table(table, records=rows, columns=columns)


def _people(keys: KeyRing, campaign: Campaign, count: int, at: datetime) -> Iterator[_Made]:
    vault = KeyVault(master=keys.master, lookup=keys.lookup, random_bytes=os.urandom)
    tokens = TokenKeys(newest=max(keys.token), keys=keys.token)
    homes = _homes(at)
    for number in range(count):
        yield _person(keys, vault, tokens, campaign, at, homes[number % len(homes)], number)


def _homes(at: datetime) -> list[_Home]:
    """The middle of every county's town, where the borders leave no doubt."""
    regions = load_regions()
    homes = []
    for towns in towns_of(regions).values():
        for town in towns:
            # Always ten characters, so that every tap has the same length.
            lat, lng = f"{town.lat:010.7f}", f"{town.lng:010.6f}"
            where = Location(
                lat=float(lat),
                lng=float(lng),
                accuracy_m=ACCURACY_M,
                datum=Datum.WGS84,
                mocked=False,
                taken_at=at,
            )
            place = locate(regions, where, at)
            if isinstance(place, Place):
                homes.append(_Home(lat=lat, lng=lng, place=place))
    return homes


def _person(
    keys: KeyRing,
    vault: KeyVault,
    tokens: TokenKeys,
    campaign: Campaign,
    at: datetime,
    home: _Home,
    number: int,
) -> _Made:
    document = document_of(number)
    phone = f"1{3_000_000_000 + number}"
    key = person_key(keys.lookup, document)
    phone_key = vault.index("phone", phone)
    pid = pid_of(keys.pseudonym[campaign.code], key)
    who = Registrant(lane=lane_of(campaign.lane_hash, pid, campaign.lanes), pid=pid)
    number_id, campaign_id = registration_no_from_random(os.urandom(8)), campaign.campaign_id
    said = {"name": "王测量", "document": document.number, "phone": phone}
    version = campaign.version_at(at)
    registration = (
        *(who.lane, campaign_id, pid, number_id, key, phone_key),
        vault.seal(said, sealing_context(campaign_id, who)),
        *(document.kind.value, home.place.city, home.place.county, _evidence(home.place)),
        *(version.version, at, at),
    )
    notice = version.rulebook.consent_version
    claims = Claims(
        door=Door.CONSUMER,
        campaign_id=campaign_id,
        lane=who.lane,
        who=pid,
        device=device_mark(f"phone {number}"),
        expires_at=at + SESSION,
    )
    return _Made(
        rows={
            "registrations": [registration],
            "consents": [
                (who.lane, campaign_id, pid, kind.value, notice, at) for kind in ConsentKind
            ],
            "phones": [(campaign_id, phone_key, who.lane, pid)],
        },
        tap=Tap(token=mint_token(tokens, claims), body=_body(home, _PACKS[number % len(_PACKS)])),
    )


def document_of(number: int) -> Document:
    """The citizen number of the person with this number; no two are the same below 18 million."""
    born = _FIRST_BIRTHDAY + timedelta(days=number // 999 % 18_000)
    first_17 = f"420102{born:%Y%m%d}{number % 999 + 1:03}"
    return Document(
        kind=DocumentKind.RESIDENT_ID, number=first_17 + check_digit(first_17), birth_date=born
    )


def _body(home: _Home, pack: int) -> str:
    """A tap's body up to the time of the fix. The nonce is the phone's own and serves as the key
    of the request, too."""
    nonce = os.urandom(16).hex()
    return (
        f'{{"request_key":"{nonce}","client_nonce":"{nonce}","pack":{pack},"location":'
        f'{{"lat":{home.lat},"lng":{home.lng},"accuracy_m":{ACCURACY_M},"datum":"wgs84",'
        f'"mocked":false,"taken_at":"'
    )


def _evidence(place: Place) -> str:
    """What the decision about the place rests on, as registering writes it."""
    taken_at = place.taken_at.astimezone(SHANGHAI).isoformat()
    return (
        f'{{"city":"{place.city}","county":"{place.county}","cell":"{place.cell}",'
        f'"near_border":{str(place.near_border).lower()},"accuracy_m":{place.accuracy_m},'
        f'"datum":"{place.datum.value}","taken_at":"{taken_at}"}}'
    )


def deal(taps: Path, into: Path, *, first: int, count: int, hands: int) -> list[Path]:
    """Write `count` taps from number `first` on into files, one for each hand, dealt in turn."""
    files = [into.with_name(f"{into.name}-{hand}.txt") for hand in range(hands)]
    opened = [file.open("w", encoding="ascii") for file in files]
    try:
        with taps.open(encoding="ascii") as lines:
            for turn, line in enumerate(islice(lines, first, first + count)):
                opened[turn % hands].write(line)
    finally:
        for file in opened:
            file.close()
    return files


def read_taps(taps: Path, *, first: int, count: int) -> Iterator[Tap]:
    """Some taps, one after the other."""
    with taps.open(encoding="ascii") as lines:
        for line in islice(lines, first, first + count):
            token, body = line.rstrip("\n").split(" ", 1)
            yield Tap(token=token, body=body)
