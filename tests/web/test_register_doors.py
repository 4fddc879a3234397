"""The register over the console's doors: published heads, and an archive that adds up again."""

import asyncio
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from huiquan.db.connection import Database
from huiquan.domain import exports
from huiquan.domain.book_heads import BookHead, build_heads
from huiquan.domain.register_verification import verify_register
from huiquan.domain.roles import Role
from huiquan.settings import Settings
from huiquan.views import register_archives
from tests.actions.test_fund import SMALL
from tests.houses import (
    CAMPAIGN,
    House,
    bearer,
    make_house,
    publish,
    sign_in_console,
    source_of_2026,
    visit,
)

AT = "/api/v1/console/register"


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> House:
    opened = make_house(database, settings=Settings(home=tmp_path, rate_limits=False))
    await publish(opened, source_of_2026(*SMALL))
    return opened


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with visit(house) as opened:
        yield opened


async def signed_in(house: House, client: httpx.AsyncClient, role: Role, **more: Any) -> Any:
    return bearer((await sign_in_console(house, client, role, **more))["token"])


async def made(client: httpx.AsyncClient, who: Any) -> dict[str, Any]:
    """The page, when nothing is being written any more."""
    for _ in range(200):
        page: dict[str, Any] = (await client.get(f"{AT}?campaign=1", headers=who)).json()
        if page["making"] is None:
            return page
        await asyncio.sleep(0.05)
    raise AssertionError("the register is never written")


@pytest.mark.requirement("R2.4")
@pytest.mark.requirement("R5.8")
async def test_an_official_takes_the_whole_register_away_and_it_adds_up_elsewhere(
    house: House, client: httpx.AsyncClient
) -> None:
    who = await signed_in(house, client, Role.SUPERVISOR)
    empty = (await client.get(f"{AT}?campaign=1", headers=who)).json()
    assert empty.pop("at") == house.clock.now.isoformat()
    assert empty == {"days": [], "archives": [], "making": None}
    begun = await client.post(f"{AT}/archives", json={"campaign": 1}, headers=who)
    assert begun.status_code == 202, begun.text
    (archive,) = (await made(client, who))["archives"]
    assert (archive["name"], archive["is_signed"]) == (begun.json()["name"], True)
    path = f"{AT}/archives/{archive['name']}?campaign=1"
    taken = await client.get(path, headers=who)
    assert taken.headers["content-type"] == "application/zip"
    assert hashlib.sha256(taken.content).hexdigest() == archive["sha256"]
    assert len(taken.content) == archive["bytes"]
    with zipfile.ZipFile(io.BytesIO(taken.content)) as opened:
        files = {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}

    def lines(name: str) -> Iterator[bytes]:
        return iter(io.BytesIO(files[name]))

    verdict = verify_register(sorted(files), lines, key=house.app.signer.key)
    assert verdict.mistake is None
    assert verdict.is_signed
    assert verdict.totals["bank"] == 40_000_000
    assert {one["name"]: one["sha256"] for one in archive["files"]} == {
        name: hashlib.sha256(raw).hexdigest()
        for name, raw in files.items()
        if name != "manifest.json"
    }


async def test_one_register_is_written_at_a_time_and_a_dead_one_gives_way(
    house: House, client: httpx.AsyncClient
) -> None:
    who = await signed_in(house, client, Role.OPERATOR)
    register_archives.begin(house.app, CAMPAIGN)
    refused = await client.post(f"{AT}/archives", json={"campaign": 1}, headers=who)
    assert (refused.status_code, refused.json()["code"]) == (409, "register_being_made")
    assert (await client.get(f"{AT}?campaign=1", headers=who)).json()["making"]["rows"] == 0
    house.clock.now += register_archives.GIVEN_UP_AFTER
    assert (await client.get(f"{AT}?campaign=1", headers=who)).json()["making"] is None
    again = await client.post(f"{AT}/archives", json={"campaign": 1}, headers=who)
    assert again.status_code == 202
    assert len((await made(client, who))["archives"]) == 1
    left = register_archives.archives_folder(house.app, CAMPAIGN)
    assert {path.suffix for path in left.iterdir()} == {".zip", ".sha256"}


async def test_the_heads_are_those_of_the_published_folders(
    house: House, client: httpx.AsyncClient, published_day: Path
) -> None:
    who = await signed_in(house, client, Role.SUPERVISOR)
    (day,) = (await client.get(f"{AT}?campaign=1", headers=who)).json()["days"]
    raw = (published_day / "manifest.json").read_bytes()
    assert day == {
        "day": 20260206,
        "manifest_sha256": hashlib.sha256(raw).hexdigest(),
        "heads": [{"lane": -1, "next_no": 3, "link_hash": "ab" * 32}],
    }


@pytest.fixture
def published_day(house: House) -> Path:
    """A day's folder with the two files that the page reads."""
    folder = house.app.settings.home / "public" / CAMPAIGN / "days" / "20260206"
    folder.mkdir(parents=True)
    head = BookHead(lane=-1, next_no=3, link_hash="ab" * 32)
    (folder / "books.json").write_bytes(build_heads(CAMPAIGN, [head]))
    (folder / "manifest.json").write_bytes(a_manifest())
    return folder


def a_manifest() -> bytes:
    """The manifest of a day on which nobody came; who signed it is not the page's question."""
    manifest = exports.Manifest(
        campaign=CAMPAIGN,
        platform="p1",
        epoch=0,
        day=20260206,
        configs=(),
        files={"books.json": exports.FileMark(sha256="cd" * 32, bytes=1)},
        totals=exports.Totals(rounds=0, entries=0, kept=(), cut=()),
        log=exports.LogPart(size_before=0, frontier=(), leaves=()),
    )
    signed = dict.fromkeys(("platform", "notary", "auditor"), "ef" * 64)
    return exports.build_manifest(manifest, exports.ManifestSignatures(**signed))


@pytest.mark.requirement("R5.2")
@pytest.mark.parametrize("path", ["?campaign=1", "/archives/register-20260206T020000Z?campaign=1"])
async def test_a_citys_official_and_a_stranger_get_no_register(
    house: House, client: httpx.AsyncClient, path: str
) -> None:
    city = await signed_in(house, client, Role.CITY_SUPERVISOR, city="420100")
    assert (await client.get(AT + path, headers=city)).json()["code"] == "forbidden"
    assert (await client.get(AT + path)).status_code == 401
    asked = await client.post(f"{AT}/archives", json={"campaign": 1}, headers=city)
    assert asked.json()["code"] == "forbidden"


@pytest.mark.parametrize("name", ["..%2Fmaking", "making", "register-20260206T020000Z"])
async def test_only_archives_can_be_fetched(
    house: House, client: httpx.AsyncClient, name: str
) -> None:
    who = await signed_in(house, client, Role.SUPERVISOR)
    answer = await client.get(f"{AT}/archives/{name}?campaign=1", headers=who)
    assert answer.status_code == 404
