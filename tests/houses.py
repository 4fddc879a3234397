"""A house for tests: the real rooms on a real database, with outsiders that do as they are told."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from huiquan.app import App
from huiquan.db import campaigns, configs
from huiquan.db.campaign_state import load_campaign
from huiquan.db.connection import Database
from huiquan.domain.campaigns import Campaign
from huiquan.domain.config_making import NO_EXCLUSIONS, ConfigBasis, make_config
from huiquan.domain.days import SHANGHAI
from huiquan.domain.draw_config import Dealing, Keys, Log, cfg_hash_of, encode_config, sign_config
from huiquan.domain.lottery import campaign_key_commitment
from huiquan.domain.people import Document, IdentityAnswer, check_digit
from huiquan.domain.regions import Regions
from huiquan.domain.rulebook_reading import canonical, read_rulebook
from huiquan.domain.rulebooks import Rulebook
from huiquan.domain.signing import Purpose, signer_from
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.keys import KeyRing
from huiquan.gateways.maps import load_regions
from huiquan.gateways.vault import KeyVault
from huiquan.settings import Settings
from huiquan.web.site import make_site

CAMPAIGN = "2026-mashangyouli"
RULEBOOK = Path(__file__).parents[1] / "campaigns" / f"{CAMPAIGN}.toml"
OPEN = datetime(2026, 2, 6, 10, 30, tzinfo=SHANGHAI)  # a Friday, half an hour after the opening
DEVICE = "device-of-a-test"


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
    sent: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, phone: str, text_zh: str) -> None:
        if self.is_away:
            raise OutsiderFault("sms", "timeout")
        self.sent.append((phone, text_zh))

    def code_for(self, phone: str) -> str:
        """The six digits of the last text to a phone."""
        text = next(text for number, text in reversed(self.sent) if number == phone)
        digits = "".join(each if each.isdigit() else " " for each in text).split()
        return next(word for word in digits if len(word) == 6)


@dataclass(frozen=True, kw_only=True)
class AbsentSigner:
    """A signer of whom only the public key is known; give the house real ones to draw rounds."""

    key: bytes


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
        "settings": Settings(rate_limits=False),
        "clock": clock,
        "db": database,
        "keys": keys,
        "vault": KeyVault(master=keys.master, lookup=keys.lookup, random_bytes=random_bytes),
        "regions": regions(),
        "identity": identity,
        "sms": sms,
        "notary": AbsentSigner(key=signer_from(bytes(32)).key),
        "auditor": AbsentSigner(key=signer_from(bytes(31) + b"\1").key),
        "random_bytes": random_bytes,
    }
    return House(app=App(**{**fields, **parts}), clock=clock, identity=identity, sms=sms)


def _counted_bytes() -> Any:
    """Random-looking bytes that are the same in every run of a test."""
    numbers = count()
    return lambda size: hashlib.shake_256(b"%d" % next(numbers)).digest(size)


def rulebook_of_2026(**changes: Any) -> Rulebook:
    """The rulebook of the 2026 campaign, with what a test wants otherwise."""
    rulebook = read_rulebook(RULEBOOK.read_text())
    assert isinstance(rulebook, Rulebook), rulebook
    return replace(rulebook, **changes)


async def publish(house: House, rulebook: Rulebook | None = None) -> Campaign:
    """Publish a campaign with its config, as it would have been done the evening before."""
    app, rulebook = house.app, rulebook or rulebook_of_2026()
    at = house.clock.now - timedelta(days=1)
    source_hash = hashlib.sha256(RULEBOOK.read_bytes()).digest()
    approver = signer_from(app.keys.approver)
    made = make_config(
        ConfigBasis(
            rulebook=rulebook,
            source_hash=source_hash,
            epoch=1,
            epoch_start=None,
            keys=Keys(
                platform=app.signer.key.hex(),
                approver=approver.key.hex(),
                notary=app.notary.key.hex(),
                auditor=app.auditor.key.hex(),
            ),
            log=Log(origin=f"log/{rulebook.code}", quorum=1, witnesses=()),
            dealing=Dealing(log_size=0, root=hashlib.sha256(b"").hexdigest()),
            campaign_key=campaign_key_commitment(app.keys.pseudonym[rulebook.code]),
            exclusion_list_hash=NO_EXCLUSIONS,
            free_fen=rulebook.budget_fen,
            published_at=at,
        )
    )
    assert made is not None, "the campaign still has draw days"
    body = encode_config(made.config)
    cfg_hash = cfg_hash_of(body)
    async with app.db.transaction() as tx:
        campaign_id = await campaigns.record(
            tx,
            code=rulebook.code,
            platform=rulebook.platform.code,
            mode=rulebook.mode,
            lanes=rulebook.lanes,
            lane_hash=cfg_hash,
            starts_on=rulebook.starts_on,
            ends_on=rulebook.ends_on,
            at=at,
        )
        await campaigns.record_rulebook(
            tx,
            campaign_id=campaign_id,
            version=1,
            effective_at=at,
            source=RULEBOOK.read_text(),
            source_hash=source_hash,
            rules=canonical(rulebook),
            at=at,
            by="test",
        )
        config = configs.ConfigRow(
            cfg_hash=cfg_hash,
            rulebook_version=1,
            epoch=1,
            body=body,
            platform_signature=sign_config(app.signer, Purpose.CONFIG_BY_PLATFORM, cfg_hash),
            approver_signature=sign_config(approver, Purpose.CONFIG_BY_APPROVER, cfg_hash),
            published_at=at,
        )
        await configs.record(tx, campaign_id, config)
        for day, release_fen in made.release_fen.items():
            await configs.assign_day(tx, campaign_id, day, cfg_hash, release_fen)
        campaign = await load_campaign(tx, rulebook.code)
    assert campaign is not None
    return campaign


@asynccontextmanager
async def visit(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """The house's site, asked in this process: real HTTP messages, no network."""
    site = make_site(house.app)
    transport = httpx.ASGITransport(app=site, raise_app_exceptions=False)
    async with (
        site.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://house") as client,
    ):
        yield client


def bearer(token: str) -> dict[str, str]:
    """The header of a signed-in caller."""
    return {"Authorization": f"Bearer {token}"}


def location(house: House, **changes: Any) -> dict[str, Any]:
    """A phone's fix on Jianghan Road in Wuhan, taken now."""
    return {
        "lat": 30.5806,
        "lng": 114.2867,
        "accuracy_m": 20,
        "datum": "wgs84",
        "mocked": False,
        "taken_at": house.clock.now.isoformat(),
        **changes,
    }


def registration(house: House, campaign: Campaign, who: Person, **changes: Any) -> dict[str, Any]:
    """The body of a registration, with the code of the last text to this phone."""
    return {
        "request_key": f"register-{who.phone}",
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
