"""A house for tests: the real rooms on a real database, with outsiders that do as they are told."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from huiquan.actions.add_staff import NewStaff, add_staff
from huiquan.actions.fund_campaign import fund_campaign
from huiquan.actions.open_store import NewStore, OpenedStore, open_store
from huiquan.actions.publish_campaign import Published, publish_campaign
from huiquan.actions.release_day import release_day
from huiquan.app import App
from huiquan.db.campaign_state import load_campaign
from huiquan.db.connection import Database
from huiquan.domain.campaigns import Campaign
from huiquan.domain.coordinates import Datum
from huiquan.domain.days import SHANGHAI, day_number, day_of
from huiquan.domain.people import Document, IdentityAnswer, check_digit
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import Regions
from huiquan.domain.roles import Role
from huiquan.domain.signing import signer_from
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.keys import KeyRing
from huiquan.gateways.maps import load_regions
from huiquan.gateways.sms import Text
from huiquan.gateways.vault import KeyVault
from huiquan.settings import Settings, read_settings
from huiquan.web.site import make_site

CAMPAIGN = "2026-mashangyouli"
RULEBOOK = Path(__file__).parents[1] / "campaigns" / f"{CAMPAIGN}.toml"
OPEN = datetime(2026, 2, 6, 10, 30, tzinfo=SHANGHAI)  # a Friday, half an hour after the opening
DEVICE = "device-of-a-test"
WUHAN = (30.5806, 114.2867)  # Jianghan Road


@dataclass(kw_only=True)
class StoppedClock:
    """A clock that stands still until it is moved by hand."""

    now: datetime = OPEN

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Move on by so many days, hours, minutes, seconds."""
        self.now += timedelta(**by)


@dataclass(kw_only=True)
class FakeIdentity:
    """An identity authority that says what the test wants, and remembers what it was asked."""

    answer: IdentityAnswer = IdentityAnswer.MATCH
    is_away: bool = False
    asked: list[tuple[str, Document]] = field(default_factory=list)

    async def check(self, name: str, document: Document) -> IdentityAnswer:
        self.asked.append((name, document))
        if self.is_away:
            raise OutsiderFault("identity", "timeout")
        return self.answer


@dataclass(kw_only=True)
class FakeSms:
    """An SMS centre that keeps every text."""

    is_away: bool = False
    refused: frozenset[str] = frozenset()
    sent: list[tuple[str, str]] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    async def send(self, phone: str, text_zh: str) -> None:
        if self.is_away:
            raise OutsiderFault("sms", "timeout")
        self.sent.append((phone, text_zh))

    async def send_all(self, texts: Sequence[Text]) -> frozenset[str]:
        taken = [one for one in texts if one.phone not in self.refused]
        if self.is_away:
            raise OutsiderFault("sms", "timeout")
        self.sent += [(one.phone, one.text_zh) for one in taken]
        self.numbers += [one.number for one in taken]
        return frozenset(one.number for one in taken)

    def code_for(self, phone: str) -> str:
        """The six digits of the last text to a phone."""
        text = next(text for number, text in reversed(self.sent) if number == phone)
        digits = "".join(each if each.isdigit() else " " for each in text).split()
        return next(word for word in digits if len(word) == 6)


@dataclass(frozen=True, kw_only=True)
class AbsentSigner:
    """A signer of whom only the public key is known; give the house real ones to draw rounds."""

    key: bytes

    async def status(self) -> bytes:
        raise OutsiderFault("signer", "absent")

    async def send_config(self, *_: object) -> None:
        raise OutsiderFault("signer", "absent")

    async def cosign(self, *_: object) -> str:
        raise OutsiderFault("signer", "absent")


@dataclass(frozen=True, kw_only=True)
class House:
    """A house and everything a test may turn on it."""

    app: App
    clock: StoppedClock
    identity: FakeIdentity
    sms: FakeSms


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with a document and a phone."""

    name: str
    number: str
    phone: str
    device: str = DEVICE


def person(n: int) -> Person:
    """The n-th person: born on 1 January 1990 in Wuhan, each with a document and a phone."""
    first_17 = f"42010619{90 + n // 1000 % 10}0101{n % 1000:03}"
    return Person(name="李四", number=first_17 + check_digit(first_17), phone=f"138{n:08}")


def key_ring() -> KeyRing:
    """Keys that are the same in every test."""

    def seed(name: str) -> bytes:
        return hashlib.sha256(name.encode()).digest()

    return KeyRing(
        **{name: seed(name) for name in ("platform", "approver", "lookup", "codes", "salts")},
        token={1: seed("token")},
        master={1: seed("master")},
        pseudonym={CAMPAIGN: seed("pseudonym")},
    )


@cache
def regions() -> Regions:
    """The real map of Hubei, read once."""
    return load_regions()


def make_house(database: Database, *, at: datetime = OPEN, **parts: Any) -> House:
    """A house on a database, at a moment; `parts` replace fields of the App (signers, settings)."""
    keys, clock, random_bytes = key_ring(), StoppedClock(now=at), _counted_bytes()
    identity, sms = FakeIdentity(), FakeSms()
    fields = {
        "settings": Settings(home=read_settings(os.environ).home, rate_limits=False),
        "clock": clock,
        "db": database,
        "keys": keys,
        "vault": KeyVault(master=keys.master, lookup=keys.lookup, random_bytes=random_bytes),
        "regions": regions(),
        "identity": identity,
        "sms": sms,
        "notary": AbsentSigner(key=signer_from(bytes(32)).key),
        "auditor": AbsentSigner(key=signer_from(bytes(31) + b"\1").key),
        "witness": AbsentSigner(key=signer_from(bytes(31) + b"\2").key),
        "random_bytes": random_bytes,
    }
    return House(app=App(**{**fields, **parts}), clock=clock, identity=identity, sms=sms)


def _counted_bytes() -> Any:
    """Random-looking bytes that are the same in every run of a test."""
    numbers = count()
    return lambda size: hashlib.shake_256(b"%d" % next(numbers)).digest(size)


def source_of_2026(*changes: tuple[str, str]) -> str:
    """The 2026 rulebook as text, changed in places: such as ("min_age = 14", "min_age = 18")."""
    source = RULEBOOK.read_text()
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


async def publish(house: House, source: str | None = None) -> Campaign:
    """Publish a campaign the evening before, with its money; today is released."""
    app, now = house.app, house.clock.now
    house.clock.now = now - timedelta(days=1)
    published = await publish_campaign(app, source or source_of_2026(), "test")
    assert isinstance(published, Published), published
    async with app.db.reading() as tx:
        campaign = await load_campaign(tx, published.code)
    assert campaign is not None
    budget_fen = campaign.rulebook_at(now).budget_fen
    funded = await fund_campaign(app, campaign.code, budget_fen, "appropriation 1", "test")
    assert funded == budget_fen
    house.clock.now = now
    if day_number(day_of(now)) in campaign.days:
        released_fen = await release_day(app, campaign.code, day_number(day_of(now)))
        assert not isinstance(released_fen, Refusal), released_fen
    async with app.db.reading() as tx:
        campaign = await load_campaign(tx, published.code)
    assert campaign is not None
    return campaign


@asynccontextmanager
async def visit(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """The house's site, asked in this process: real HTTP messages, no network."""
    site = make_site(house.app)
    opened, closing = asyncio.Event(), asyncio.Event()

    async def stay_open() -> None:
        # In a task of its own, so that a fixture may open it in one task and close it in another.
        async with site.lifespan():
            opened.set()
            await closing.wait()

    staying = asyncio.create_task(stay_open())
    waiting = asyncio.create_task(opened.wait())
    await asyncio.wait({staying, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    transport = httpx.ASGITransport(app=site, raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://house") as client:
            yield client
    finally:
        closing.set()
        await staying


def bearer(token: str) -> dict[str, str]:
    """The header of a signed-in caller."""
    return {"Authorization": f"Bearer {token}"}


def location(house: House, **changes: Any) -> dict[str, Any]:
    """A phone's fix on Jianghan Road in Wuhan, taken now."""
    return {
        "lat": WUHAN[0],
        "lng": WUHAN[1],
        "accuracy_m": 20,
        "datum": "wgs84",
        "mocked": False,
        "taken_at": house.clock.now.isoformat(),
        **changes,
    }


def request_key(who: Person, what: str = "register") -> str:
    """A key for one request of one person; it says nothing about them."""
    return hashlib.sha256(f"{what}/{who.number}/{who.phone}".encode()).hexdigest()[:32]


def registration(house: House, campaign: Campaign, who: Person, **changes: Any) -> dict[str, Any]:
    """The body of a registration, with the code of the last text to this phone."""
    return {
        "request_key": request_key(who),
        "campaign": campaign.campaign_id,
        "phone": who.phone,
        "sms_code": house.sms.code_for(who.phone),
        "name": who.name,
        "document": {"kind": "resident_id", "number": who.number},
        "consents": {"identity": True, "location": True, "version": "2026-01"},
        "location": location(house),
        "device": who.device,
        **changes,
    }


async def ask_code(client: httpx.AsyncClient, campaign: Campaign, who: Person) -> httpx.Response:
    """Have a code sent to a person's phone."""
    body = {"campaign": campaign.campaign_id, "phone": who.phone}
    return await client.post("/api/v1/sms-codes", json=body)


async def register(
    house: House, client: httpx.AsyncClient, campaign: Campaign, who: Person, **changes: Any
) -> httpx.Response:
    """Register a person from the text message on; the answer holds the token."""
    sent = await ask_code(client, campaign, who)
    assert sent.status_code == 202, sent.text
    body = registration(house, campaign, who, **changes)
    return await client.post("/api/v1/registrations", json=body)


def new_store(n: int, **changes: Any) -> NewStore:
    """The n-th store of one merchant: on Jianghan Road, taking the two packs spent in stores."""
    fields: dict[str, Any] = {
        "merchant_name": "武汉江汉商贸有限公司",
        "uscc": "91420100MA4K0AB12N",
        "code": f"store-{n}",
        "name": f"江汉路{n}号店",
        "address": f"武汉市江汉区江汉路{n}号",
        "lat": WUHAN[0],
        "lng": WUHAN[1],
        "datum": Datum.WGS84,
        "packs": (2, 3),
        "login": f"till-{n}",
        "cashier_name": "小陈",
        "pin": f"12345{n}",
    }
    return NewStore(**{**fields, **changes})


async def sign_in_till(
    house: House, client: httpx.AsyncClient, campaign: Campaign, n: int = 1, **changes: Any
) -> dict[str, Any]:
    """Open the n-th store and its till; the answer holds token, cashier and store."""
    new = new_store(n, **changes)
    opened = await open_store(house.app, campaign, new, "test")
    assert isinstance(opened, OpenedStore), opened
    answer = await client.post("/api/v1/till/sessions", json={"login": new.login, "pin": new.pin})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def sign_in_console(
    house: House,
    client: httpx.AsyncClient,
    role: Role = Role.SUPERVISOR,
    city: str | None = None,
) -> dict[str, Any]:
    """Give an official a sign-in and use it; the answer holds token, name, role and city."""
    login, password = f"{role.value}-{city or 'hubei'}", "a long password"
    new = NewStaff(login=login, name="王处", role=role, city=city, password=password)
    assert isinstance(await add_staff(house.app, new, "test"), int)
    body = {"login": login, "password": password}
    answer = await client.post("/api/v1/console/sessions", json=body)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told
