"""The order door's sandbox: platform, carrier and warehouse try everything, and no book moves."""

import asyncio
import json
import re
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from huiquan.cli.demo_acquirers import add_demo_acquirers
from huiquan.db.connection import Database
from huiquan.domain.parcel_events import Sender
from huiquan.domain.request_signing import time_in_ms
from tests.acquirer.documents import PAGE
from tests.acquirers import Machine, machine
from tests.houses import House, make_house, publish, visit
from tests.online import ALL, HONGSHAN, ONLINE, XILING, ask, look, opening, signing, trade
from tests.ports import open_port
from tests.shops import shop

BOOKS = (
    *("vouchers", "codes", "locks", "redemptions", "refunds", "payments", "transfers", "outbox"),
    *("acquirer_orders", "acquirer_payments", "acquirer_refunds", "settlement_holds"),
    *("online_orders", "order_parcels", "order_events", "warehouses"),
)
CODE = "9000 0000 0004"


async def counted(house: House) -> dict[str, int]:
    async with house.app.db.reading() as tx:
        return {name: await tx.fetchval(f"select count(*) from {name}") for name in BOOKS}


class Trial:
    """Everyone who tries: a platform, a carrier and a warehouse, all of the sandbox."""

    def __init__(self, house: House, client: httpx.AsyncClient) -> None:
        self.house, self.client = house, client

    async def begin(self) -> None:
        self.mall = await machine(
            self.house, "mall-try", rail="mallpay", stores=("online",), is_sandbox=True
        )
        self.van = await signing(self.house, "van-try", Sender.CARRIER, is_sandbox=True)
        self.depot = await signing(self.house, "depot-try", Sender.WAREHOUSE, is_sandbox=True)

    async def say(self, who: Machine, way: str, **body: Any) -> dict[str, Any]:
        answer = await ask(self.client, who, way, **body)
        told: dict[str, Any] = answer.json()
        return told

    async def buy(self, ref: str) -> None:
        message = opening(ref, CODE, warehouse="depot-try")
        locked = [await ask(self.client, self.mall, "orders", **message) for _ in range(2)]
        assert locked[0].status_code == 201, locked[0].text
        assert locked[0].json() == locked[1].json()
        paid = await self.say(
            self.mall,
            "payments",
            order_ref=ref,
            payment_ref=f"p-{ref}",
            paid_fen=locked[0].json()["to_pay_fen"],
        )
        assert (paid["stage"], paid["is_final"]) == ("paid", False), paid

    async def declare(self, ref: str, waybill: str, **changes: Any) -> dict[str, Any]:
        told = {
            "order_ref": ref,
            "carrier": "van-try",
            "waybill": waybill,
            "warehouse": "depot-try",
            "lines": ALL,
        }
        return await self.say(self.mall, "parcels", **{**told, **changes})

    async def tell(self, kind: str, waybill: str, **more: Any) -> dict[str, Any]:
        told = {
            "event_ref": f"{kind}-{waybill}",
            "kind": kind,
            "happened_at": self.house.clock.now.isoformat(),
            "waybill": waybill,
        }
        if kind == "dispatched":
            more = {"carrier": "van-try", "warehouse": "depot-try", **more}
            return await self.say(self.depot, "events", **told, **more)
        return await self.say(self.van, "events", **told, **more)

    async def travel(self, waybill: str, county: str = HONGSHAN) -> None:
        for kind, more in (("dispatched", {}), ("collected", {}), ("signed", {"county": county})):
            assert (await self.tell(kind, waybill, **more))["standing"] == "taken"
            self.house.clock.move(hours=1)


TOOLS = ("bash", "openssl", "curl", "base64", "jq")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {MISSING}")
async def test_a_visitor_walks_through_the_page_with_the_keys_that_were_left(
    database: Database, tmp_path: Path
) -> None:
    blocks = re.findall(r"```bash\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    signs = next(text for text in blocks if "ask() {" in text)
    walk = next(text for text in blocks if text.startswith("mall()"))
    house = make_house(database)
    campaign = await publish(house)
    await shop(house, campaign, "DEMO-0001", packs=(ONLINE,))
    (tmp_path / ".huiquan").mkdir()
    (tmp_path / "stores.csv").write_text("code,name\nDEMO-0001,线上店\n")
    await add_demo_acquirers(house.app, tmp_path / "stores.csv", tmp_path / ".huiquan")
    async with open_port(house.app) as port:
        script = (
            "set -euo pipefail",
            f"date() {{ echo {time_in_ms(house.clock.now)}; }}",
            signs,
            f"HOUSE=http://127.0.0.1:{port}",
            re.sub(r"^((?:mall|van|depot) .*)$", r"\1; echo", walk, flags=re.MULTILINE),
        )
        running = await asyncio.create_subprocess_exec(
            "bash", "-c", "\n".join(script), cwd=tmp_path, stdout=-1, stderr=-1
        )
        out, err = await asyncio.wait_for(running.communicate(), 120)
    assert running.returncode == 0, err.decode()
    said = [json.loads(line) for line in out.decode().splitlines() if line]
    opened, paid, declared, _, _, signed, final, other, doubtful, back = said
    assert (opened["to_pay_fen"], paid["stage"], declared["stage"]) == (65_000, "paid", "paid")
    assert (signed["standing"], final["stage"], final["is_final"]) == ("taken", "delivered", True)
    assert (other["standing"], doubtful["stage"]) == ("contradicts", "doubtful")
    assert (back["stage"], back["refund"]["to_fund_fen"]) == ("returned", 15_000)


async def test_a_whole_order_is_tried_from_its_opening_to_its_return_and_no_book_moves(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await trade(house, campaign)
    async with visit(house) as client:
        trial = Trial(house, client)
        await trial.begin()
        before = await counted(house)
        await trial.buy("o-1")
        assert (await trial.declare("o-1", "W1"))["stage"] == "paid"
        assert (await trial.declare("o-1", "W1"))["stage"] == "paid"
        await trial.travel("W1")
        seen = await look(client, trial.mall, "o-1")
        assert (seen["stage"], seen["is_final"], seen["state"]) == ("delivered", True, "redeemed")
        assert [(one["carrier"], one["warehouse"]) for one in seen["parcels"]] == [
            ("van-try", "depot-try")
        ]
        back = await trial.say(
            trial.mall,
            "returns",
            order_ref="o-1",
            payment_ref="p-o-1",
            refund_ref="f-1",
            returned_at=house.clock.now.isoformat(),
            amount_fen=80_000,
            lines=ALL,
        )
        assert (back["stage"], back["refund"]["to_fund_fen"]) == ("returned", 15_000)
        assert await counted(house) == before


async def test_the_sandbox_judges_as_strictly_as_the_real_door(database: Database) -> None:
    house = make_house(database)
    await trade(house, await publish(house))
    async with visit(house) as client:
        trial = Trial(house, client)
        await trial.begin()
        moment = house.clock.now.isoformat()
        for message, refusal in (
            (opening("o-x", CODE, warehouse="wh-1"), "unknown_warehouse"),
            (
                opening("o-x", CODE, warehouse="depot-try", address="北京市东城区1号"),
                "address_outside",
            ),
            (opening("o-x", "900000000010", warehouse="depot-try"), "code_expired"),
        ):
            assert (await trial.say(trial.mall, "orders", **message))["code"] == refusal
        await trial.buy("o-2")
        assert (await trial.declare("o-2", "W2", carrier="carrier"))["code"] == "unknown_carrier"
        assert (await trial.declare("o-2", "W2", warehouse="wh-1"))["code"] == "unknown_warehouse"
        # What was said before the parcel was declared counts, doubled or late.
        await trial.travel("W2", county=XILING)
        assert (await trial.tell("collected", "W2"))["standing"] == "contradicts"
        judged = await trial.declare("o-2", "W2")
        assert judged["stage"] == "doubtful"
        assert {"wrong_county", "contradicted"} <= {one["code"] for one in judged["findings"]}
        told = {"order_ref": "o-2", "change_ref": "c-1", "changed_at": moment}
        stopped = await trial.say(
            trial.mall, "interceptions", **told, carrier="van-try", waybill="W9"
        )
        assert stopped["code"] == "unknown_parcel"
        moved = await trial.say(
            trial.mall, "addresses", **told, address="湖北省宜昌市西陵区夷陵大道1号"
        )
        assert moved["county"] == XILING
        free = await trial.say(trial.mall, "cancellations", order_ref="o-never")
        assert free["state"] == "closed"
        unpaid = await trial.say(
            trial.mall, "payments", order_ref="o-none", payment_ref="p", paid_fen=1
        )
        assert unpaid["code"] == "unknown_order"


async def test_nobody_of_the_sandbox_speaks_of_a_real_parcel(database: Database) -> None:
    house = make_house(database)
    at = await trade(house, await publish(house))
    async with visit(house) as client:
        trial = Trial(house, client)
        await trial.begin()
        told = {
            "event_ref": "e-1",
            "kind": "dispatched",
            "happened_at": house.clock.now.isoformat(),
            "waybill": "W1",
        }
        for keeper, carrier, warehouse, refusal in (
            (trial.depot, "carrier", "wh-1", "unknown_carrier"),
            (at.keeper, "van-try", "wh-1", "unknown_carrier"),
            (trial.depot, "van-try", "wh-1", "unknown_warehouse"),
        ):
            refused = await trial.say(
                keeper, "events", **told, carrier=carrier, warehouse=warehouse
            )
            assert refused["code"] == refusal
