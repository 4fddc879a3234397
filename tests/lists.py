"""A list campaign for tests: sign-up, sealing, and the ceremonies in two real signer homes."""

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from huiquan.actions.import_list import import_list
from huiquan.actions.seal_list import seal_list
from huiquan.db.campaign_state import load_campaign
from huiquan.db.connection import Database
from huiquan.domain.campaigns import Campaign
from huiquan.domain.days import SHANGHAI
from huiquan.domain.lists import PublishedList
from huiquan.jobs.rounds import open_today
from huiquan.views.lists import config_of_day
from notary.book import Book
from notary.configs import Register
from notary.desk import Desk
from notary.keys import SigningKey, load_key
from notary.listdraw import compare_with_peer, draw, take_published
from notary.status import status_of
from tests.houses import (
    AbsentSigner,
    House,
    Person,
    bearer,
    location,
    make_house,
    person,
    publish,
    register,
    visit,
)

CODE = "2025-11-shike"
RULEBOOK = Path(__file__).parents[1] / "campaigns" / f"{CODE}.toml"
DAY = 20251127
PACK = 1
SIGN_UP = datetime(2025, 11, 25, 8, 30, tzinfo=SHANGHAI)
DRAW = datetime(2025, 11, 27, 9, tzinfo=SHANGHAI)
PUBLICITY_OVER = datetime(2025, 11, 29, 0, 1, tzinfo=SHANGHAI)
REDEEM = datetime(2025, 11, 29, 12, tzinfo=SHANGHAI)

# A small fund: fewer vouchers than the few dozen people who sign up, so that some miss.
SMALL = (("budget_fen = 4_000_000_000", "budget_fen = 1_000_000"),)


def source() -> str:
    """The winter rulebook of 2025, with little money."""
    text = RULEBOOK.read_text()
    for old, new in SMALL:
        assert old in text, old
        text = text.replace(old, new)
    return text


def files_in(folder: Path) -> dict[str, bytes]:
    """A folder's files by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@dataclass(kw_only=True)
class ListHouse:
    """A house with a list campaign, people who signed up, and both signers' homes."""

    house: House
    campaign: Campaign
    client: httpx.AsyncClient
    homes: dict[str, Path]
    folder: Path
    keys: dict[str, SigningKey]
    tokens: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def desk(self, role: str) -> Desk:
        """The desk of a signer, opened anew as each command opens it."""
        home = self.homes[role]
        book = Book(home / "book.sqlite")
        return Desk(
            role=role,
            key=load_key(home),
            book=book,
            register=Register(book.configs()),
            clock=self.house.clock,
            notice=timedelta(hours=12),
            ready=role == "auditor",
        )

    async def sign_up(self, count: int, first: int = 0) -> list[dict[str, Any]]:
        """So many people register and sign up; their receipts."""
        receipts = []
        for n in range(first, first + count):
            told = await register(self.house, self.client, self.campaign, person(n), **VERSION)
            assert told.status_code == 201, told.text
            self.tokens.append(told.json()["token"])
            answer = await self.client.post(
                "/api/v1/draws", json=self.tap(), headers=bearer(self.tokens[-1])
            )
            assert answer.status_code == 200, answer.text
            receipts.append(answer.json())
        return receipts

    def tap(self) -> dict[str, Any]:
        """One tap on the button."""
        return {
            "request_key": secrets.token_hex(8),
            "client_nonce": secrets.token_hex(16),
            "pack": PACK,
            "location": location(self.house),
        }

    async def seal(self) -> Path:
        """The sealed list in its folder."""
        self.house.clock.now = max(self.house.clock.now, DRAW)
        files = await seal_list(self.house.app, CODE, DAY)
        assert isinstance(files, dict), files
        return self.put(files)

    def put(self, files: dict[str, bytes], name: str = "list") -> Path:
        """Files in a folder of their own."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        for path, raw in files.items():
            (folder / path).write_bytes(raw)
        return folder

    def hold(self, role: str, folder: Path, confirm: str = "") -> None:
        """The ceremony of one signer; it confirms with the number of people, or as told."""
        desk = self.desk(role)
        try:
            if role == "notary":
                compare_with_peer(desk, self.status_of("auditor"), self.keys["auditor"].public)
            count = len((folder / "entries.bin").read_bytes()) // 80
            draw(desk, folder, lambda _: confirm or str(count), self.said.append)
        finally:
            desk.book.close()

    def status_of(self, role: str) -> Path:
        """A signer's signed status, as a file."""
        desk = self.desk(role)
        path = self.folder / f"status-{role}.json"
        path.write_text(json.dumps(status_of(desk)))
        desk.book.close()
        return path

    async def publish(self, folder: Path) -> PublishedList:
        """Import the folder: the list is published."""
        files = files_in(folder)
        published = await import_list(self.house.app, CODE, DAY, files, "staff:1")
        assert isinstance(published, PublishedList), published
        return published

    async def draws(self) -> list[dict[str, Any]]:
        """What everyone is told about the draw."""
        answers = [
            await self.client.get(f"/api/v1/draws/{DAY}", headers=bearer(token))
            for token in self.tokens
        ]
        assert {answer.status_code for answer in answers} == {200}
        return [dict(answer.json()) for answer in answers]


VERSION = {"consents": {"identity": True, "location": True, "version": "2025-11"}}


def who(n: int) -> Person:
    """The n-th person."""
    return person(n)


@asynccontextmanager
async def list_house(database: Database, home: Path, people: int) -> AsyncIterator[ListHouse]:
    """Published the day before; both signers have the config; people have signed up."""
    homes = {role: home / role for role in ("notary", "auditor")}
    keys = {role: load_key(path) for role, path in homes.items()}
    signers = {role: AbsentSigner(key=key.public) for role, key in keys.items()}
    house = make_house(database, at=SIGN_UP, **signers)
    ring = house.app.keys.pseudonym
    ring[CODE] = ring["2026-mashangyouli"]
    campaign = await publish(house, source())
    await open_today(house.app, campaign)
    async with visit(house) as client:
        standing = ListHouse(
            house=house,
            campaign=campaign,
            client=client,
            homes=homes,
            folder=home / "travel",
            keys=keys,
        )
        await _deliver(standing)
        await standing.sign_up(people)
        yield standing


async def _deliver(standing: ListHouse) -> None:
    """Both signers take up the config from a folder, the evening before it acts."""
    stored = await config_of_day(standing.house.app, CODE, DAY)
    assert not isinstance(stored, str), stored
    both = {
        "platform": stored.platform_signature.hex(),
        "approver": stored.approver_signature.hex(),
    }
    folder = standing.put(
        {"config.json": stored.body, "signatures.json": json.dumps(both).encode()}, "config"
    )
    now = standing.house.clock.now
    standing.house.clock.now = stored.published_at
    for role in standing.homes:
        desk = standing.desk(role)
        take_published(desk, folder)
        desk.book.close()
    standing.house.clock.now = now


async def reloaded(standing: ListHouse) -> Campaign:
    """The campaign as it is now."""
    async with standing.house.app.db.reading() as tx:
        campaign = await load_campaign(tx, CODE)
    assert campaign is not None
    return campaign
