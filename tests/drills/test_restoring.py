"""A server that is lost with its disk: restored to the end nothing is missing, to an earlier moment
the house refuses to go on.  T9 F7

The long drill with real processes under load is `make restore-drill`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from huiquan.actions.compare_standing import compare_standing
from huiquan.actions.run_checks import run_checks
from huiquan.db.connection import Database, open_database
from huiquan.db.embedded import Embedded, create_database, start_embedded
from huiquan.db.migrate import migrate
from huiquan.gateways.high_water import FileMark
from huiquan.jobs.worker import until_level
from tests.drills.standby import Standby
from tests.houses import House, bearer, visit
from tests.log.standing import beside, enter_some
from tests.shops import Shop, new_key, order, shop, till
from tests.stories.test_todays_draw import DrawHouse, draw_house, tap

EARLY, LATE, MORE = 30, 8, 2
GOODS_FEN = 100
TODAY = 20260206


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Embedded]:
    """A server of this test's own, for it will be lost."""
    embedded = start_embedded(tmp_path / "postgres")
    yield embedded
    embedded.start()
    embedded.stop()


@dataclass
class Told:
    """What people were told, by whether it was before the chosen moment; kept outside."""

    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    redemptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Day:
    """A house with an archive, what it told, and two winners with vouchers."""

    standing: DrawHouse
    standby: Standby
    mark: FileMark
    shop: Shop
    before: Told = field(default_factory=Told)
    after: Told = field(default_factory=Told)

    async def enter(self, tokens: list[str], told: Told) -> None:
        """These people enter, are drawn and logged."""
        for token in tokens:
            key = new_key()
            body = tap(self.standing.house, request_key=key)
            said = await self.standing.client.post(
                "/api/v1/draws", json=body, headers=bearer(token)
            )
            assert said.status_code == 200, said.text
            told.entries[key] = said.json()
        await enter_some(self.standing, [])

    async def spend(self, token: str, serial: str, told: Told) -> None:
        """A winner pays with a voucher, and some of the goods come back."""
        client, headers = self.standing.client, bearer(token)
        path = f"/api/v1/vouchers/{serial}/codes"
        code = await client.post(path, json={"request_key": new_key()}, headers=headers)
        assert code.status_code == 201, code.text
        digits = code.json()["digits"]
        locked = await till(client, self.shop, "locks", code=digits, **order("5000"))
        assert locked.status_code == 201, locked.text
        payment = new_key()
        way = f"locks/{locked.json()['lock']}/redeem"
        paid = await till(client, self.shop, way, payment_ref=payment)
        assert paid.status_code == 201, paid.text
        told.redemptions[payment] = paid.json()
        way = f"redemptions/{paid.json()['redemption']}/refunds"
        back = await till(client, self.shop, way, amount_fen=GOODS_FEN)
        assert back.status_code == 201, back.text
        told.refunds[payment] = back.json()

    async def winners(self, client: httpx.AsyncClient) -> list[tuple[str, str]]:
        """Token and serial of everyone who has won."""
        found = []
        for token in self.standing.tokens[:EARLY]:
            said = await client.get(f"/api/v1/draws/{TODAY}", headers=bearer(token))
            if said.json()["state"] == "won":
                found.append((token, said.json()["serial"]))
        return found


@asynccontextmanager
async def lost_day(server: Embedded, home: Path) -> AsyncIterator[tuple[Day, datetime]]:
    """A morning of draws and sales under an archive, then the server is gone with its disk.

    Gives the day and a moment in its middle: draws, a sale and a refund lie on both sides of it.
    """
    url = create_database(server, "huiquan")
    await asyncio.to_thread(migrate, url)
    database = await open_database(url)
    async with draw_house(database, home / "signers", EARLY + LATE + MORE) as standing:
        standby = Standby(embedded=server, home=home / "archive")
        try:
            await asyncio.to_thread(standby.receive)
            await asyncio.to_thread(standby.copy_base)
            mark = FileMark(home / "high-water.json")
            day = Day(
                standing=standing,
                standby=standby,
                mark=mark,
                shop=await shop(standing.house, standing.campaign),
            )
            await day.enter(standing.tokens[:EARLY], day.before)
            first, second, *_ = await day.winners(standing.client)
            await day.spend(*first, day.before)
            middle = datetime.now(UTC)
            await day.spend(*second, day.after)
            noted = beside(standing, database, high_water=mark)
            assert (await compare_standing(noted.app, standing.campaign)).gaps == ()
            await day.enter(standing.tokens[EARLY : EARLY + LATE], day.after)
            await asyncio.to_thread(standby.lose_the_server)
            standby.close()
            yield day, middle
            database.writer.terminate()
            database.reader.terminate()
        finally:
            standby.close()


@asynccontextmanager
async def house_on(day: Day, server: Embedded) -> AsyncIterator[tuple[House, Database]]:
    """The same house, with the same signers, on what was restored."""
    database = await open_database(server.url())
    yield beside(day.standing, database, high_water=day.mark), database
    await database.close()


async def is_all_there(database: Database, told: Told) -> bool:
    """Whether every acknowledged thing stands in the tables once, as it was told; False: none."""
    async with database.reading() as tx:
        entries = await tx.fetch("select request_key, idx, lane from entries")
        paid = await tx.fetch("select payment_ref, net_fen, discount_fen from redemptions")
        back = await tx.fetch("select r.payment_ref, f.amount_fen from refunds f join redemptions r"
                              " using (lane, campaign_id, idx, lock_no)")  # fmt: skip
    found = [
        *(row["request_key"] in told.entries for row in entries),
        *(
            (row["net_fen"], row["discount_fen"])
            == (told.redemptions[row["payment_ref"]]["net_fen"],
                told.redemptions[row["payment_ref"]]["discount_fen"])
            for row in paid
            if row["payment_ref"] in told.redemptions
        ),
        *(row["amount_fen"] == GOODS_FEN for row in back if row["payment_ref"] in told.refunds),
    ]  # fmt: skip
    wanted = len(told.entries) + len(told.redemptions) + len(told.refunds)
    assert sum(found) in (0, wanted), (sum(found), wanted)
    return sum(found) == wanted


async def refuses_everything(day: Day, house: House, client: httpx.AsyncClient) -> None:
    """Nobody enters, nothing is sold, given back, registered or decided; the gaps are named."""
    standing = day.standing
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["code"]) == (503, "house_behind")
    named = " ".join(gap["en"] for gap in ready.json()["detail"]["gaps"])
    assert "cosigned a log of" in named
    assert "signed round" in named
    assert "house saw" in named
    entered = await client.post(
        "/api/v1/draws", json=tap(house), headers=bearer(standing.tokens[-1])
    )
    assert (entered.status_code, entered.json()["code"]) == (503, "lane_frozen")
    ((_, paid),) = day.before.redemptions.items()
    token, serial = (await day.winners(client))[1]
    for path, body, headers in (
        (f"/api/v1/vouchers/{serial}/codes", {}, bearer(token)),
        ("/api/v1/till/locks", {"code": "123456789012", **order("5000")}, day.shop.headers),
        (f"/api/v1/till/redemptions/{paid['redemption']}/refunds", {"amount_fen": 1},
         day.shop.headers),
        ("/api/v1/sms-codes", {"campaign": 1, "phone": "13800000001"}, {}),
        ("/acquirer/v1/redemptions", {}, {}),
    ):  # fmt: skip
        told = await client.post(path, json={"request_key": new_key(), **body}, headers=headers)
        assert (told.status_code, told.json()["code"]) == (503, "house_behind"), (path, told.text)
    for path in ("/acquirer/v1/payments/p-1", "/orders/v1/orders/o-1"):
        asked = await client.get(path)
        assert (asked.status_code, asked.json()["code"]) == (503, "house_behind"), path


@pytest.mark.requirement("R5.8")
async def test_a_lost_server_comes_back_whole_or_the_house_refuses_to_go_on(
    server: Embedded, tmp_path: Path
) -> None:
    async with lost_day(server, tmp_path) as (day, middle):
        await asyncio.to_thread(day.standby.restore, "to a moment", until=middle)
        async with house_on(day, server) as (house, database):
            assert await is_all_there(database, day.before)
            assert not await is_all_there(database, day.after)
            assert (await run_checks(house.app, recount=True)).failed == ()
            async with visit(house) as client:
                await refuses_everything(day, house, client)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(until_level(house.app), 0.3)
        await asyncio.to_thread(day.standby.lose_the_server)
        await asyncio.to_thread(day.standby.restore, "to the end")
        async with house_on(day, server) as (house, database):
            assert await is_all_there(database, day.before)
            assert await is_all_there(database, day.after)
            assert (await run_checks(house.app, recount=True)).failed == ()
            standing = await compare_standing(house.app, day.standing.campaign)
            assert standing.answered == {"notary", "auditor", "witness"}
            assert (standing.gaps, standing.evidence) == ((), ())
            await asyncio.wait_for(until_level(house.app), 30)
            async with visit(house) as client:
                assert (await client.get("/readyz")).status_code == 200
                entered = await client.post(
                    "/api/v1/draws",
                    json=tap(house),
                    headers=bearer(day.standing.tokens[-1]),
                )
                assert entered.status_code == 200, entered.text
