"""A list of stores, as `huiquan store import` reads it: all of it before the first is opened."""

from pathlib import Path

import pytest
import typer

from huiquan.cli.store import import_stores
from huiquan.db.connection import Database
from simulation.stores import DemoStore, make_stores, write_stores
from tests.houses import CAMPAIGN, House, make_house, publish, regions

STORES = make_stores(regions(), 1, 3)


@pytest.fixture
async def house(database: Database) -> House:
    """A house with a campaign and without a store."""
    opened = make_house(database)
    await publish(opened)
    return opened


def listed(path: Path, *changes: tuple[str, str]) -> Path:
    """The list of the three stores, changed in places."""
    write_stores(path, STORES)
    text = path.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text)
    return path


async def open_stores(house: House) -> int:
    async with house.app.db.reading() as tx:
        return int(await tx.fetchval("select count(*) from stores"))


async def test_every_store_of_a_list_is_opened_and_a_second_reading_opens_none(
    house: House, tmp_path: Path
) -> None:
    path = listed(tmp_path / "stores.csv")
    first = await import_stores(house.app, CAMPAIGN, path, "test")
    again = await import_stores(house.app, CAMPAIGN, path, "test")
    assert (first.opened, first.known, first.doubtful_lines) == (3, 0, ())
    assert (again.opened, again.known) == (0, 3)
    assert await open_stores(house) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_list_is_read_as_chinese_spreadsheets_save_it(
    house: House, tmp_path: Path, encoding: str
) -> None:
    path = listed(tmp_path / "stores.csv")
    path.write_bytes(path.read_text().encode(encoding))
    await import_stores(house.app, CAMPAIGN, path, "test")
    async with house.app.db.reading() as tx:
        names = {row["name"] for row in await tx.fetch("select name from stores")}
    assert names == {store.name for store in STORES}


def field(store: DemoStore, name: str) -> str:
    return str(getattr(store, name))


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("lat", "north", "could not convert"),
        ("pin", "", "pin must not be empty"),
        ("datum", "bd09", "bd09"),
    ],
)
async def test_a_wrong_line_is_named_and_nothing_is_opened(
    house: House,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    name: str,
    wrong: str,
    said: str,
) -> None:
    path = listed(tmp_path / "stores.csv", (field(STORES[2], name), wrong))
    with pytest.raises(typer.Exit):
        await import_stores(house.app, CAMPAIGN, path, "test")
    told = "".join(capfd.readouterr().err.split("\n"))
    assert said in told
    assert ".csv:" in told
    assert await open_stores(house) == 0


async def test_a_store_outside_hubei_ends_the_list_at_its_line(
    house: House, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = listed(tmp_path / "stores.csv", (field(STORES[1], "lat"), "28.2"))
    with pytest.raises(typer.Exit):
        await import_stores(house.app, CAMPAIGN, path, "test")
    assert ":3:" in capfd.readouterr().err
    assert await open_stores(house) == 1


async def test_a_missing_column_and_a_missing_file_are_said(
    house: House, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = listed(tmp_path / "stores.csv", ("datum", "system"))
    for file, said in ((path, "datum"), (tmp_path / "no.csv", "no such file")):
        with pytest.raises(typer.Exit):
            await import_stores(house.app, CAMPAIGN, file, "test")
        assert said in "".join(capfd.readouterr().err.split("\n"))
