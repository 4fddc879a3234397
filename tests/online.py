"""An online platform, a carrier and a warehouse for tests, with orders that go through the door."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric import ed25519

from huiquan.actions.add_acquirer import add_acquirer
from huiquan.actions.add_staff import NewStaff, add_staff
from huiquan.actions.approve_warehouse import approve_warehouse
from huiquan.actions.register_key import NewKey, register_key
from huiquan.actions.register_warehouse import NewWarehouse, register_warehouse
from huiquan.db.warehouses import WarehouseRow
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.campaigns import Campaign
from huiquan.domain.coordinates import Datum
from huiquan.domain.parcel_events import Sender
from huiquan.domain.request_signing import Algorithm
from huiquan.domain.roles import Role
from tests.acquirers import Machine, machine, pem_of
from tests.houses import House
from tests.shops import Shop, Winner, fresh_code, shop, winner

ONLINE = 1
TOP_ONLINE = 3  # 150 yuan off 600
HOME = "湖北省武汉市洪山区珞喻路1号"
HONGSHAN, XILING, DONGCHENG = "420111", "420502", "110101"
WAREHOUSE_AT = (30.5806, 114.2867)  # Jianghan Road
LINES = (
    {"sku": "kettle", "name": "电热水壶", "kind": "家电", "quantity": 1, "unit_fen": 40_000},
    {"sku": "towel", "name": "毛巾", "kind": "日用", "quantity": 4, "unit_fen": 10_000},
)


@dataclass(frozen=True, kw_only=True)
class Trade:
    """Everyone an online order needs."""

    house: House
    campaign: Campaign
    shop: Shop
    platform: Machine
    carrier: Machine
    keeper: Machine
    warehouse: WarehouseRow

    async def register_other(self, code: str) -> None:
        """Another warehouse of the same operator's, which nobody has approved."""
        row = await register_warehouse(self.house.app, proposed(code), "operator")
        assert isinstance(row, WarehouseRow), row

    def now(self, **later: float) -> str:
        return (self.house.clock.now + timedelta(**later)).isoformat()


@dataclass(frozen=True, kw_only=True)
class Bought:
    """An order that was opened, and perhaps paid."""

    ref: str
    who: Winner
    to_pay_fen: int
    redemption: str = ""


async def signing(house: House, code: str, kind: Sender, *, is_sandbox: bool = False) -> Machine:
    """A carrier's or a warehouse's machine with its key."""
    new = Acquirer(
        acquirer_id=0,
        code=code,
        name_zh=f"{code}公司",
        name_en=code,
        rail="none",
        is_sandbox=is_sandbox,
        kind=kind,
    )
    added = await add_acquirer(house.app, new, "test")
    assert isinstance(added, Acquirer), added
    secret = ed25519.Ed25519PrivateKey.generate()
    key = NewKey(acquirer=code, key_id=f"{code}-1", algorithm=Algorithm.ED25519, pem=pem_of(secret))
    await register_key(house.app, key, "test")
    return Machine(house=house, acquirer=added, key_id=key.key_id, secret=secret)


def proposed(code: str = "wh-1", **changes: Any) -> NewWarehouse:
    """A warehouse as it is handed in."""
    told: dict[str, Any] = {
        "code": code,
        "store": "online",
        "operator": "keeper",
        "name": "江汉一号仓",
        "address": "湖北省武汉市江汉区江汉路1号",
        "lat": WAREHOUSE_AT[0],
        "lng": WAREHOUSE_AT[1],
        "datum": Datum.WGS84,
        "proof": "仓库租赁合同 2025-118",
        "proof_sha256": bytes(32),
    }
    return NewWarehouse(**{**told, **changes})


async def officials(house: House) -> tuple[int, int]:
    """Two people at the console: of the platform, and of the department."""
    found = []
    for login, role in (("ops", Role.OPERATOR), ("dept", Role.SUPERVISOR)):
        new = NewStaff(login=login, name=login, role=role, password="a long password", city=None)
        await add_staff(house.app, new, "test")
        async with house.app.db.reading() as tx:
            found.append(await tx.fetchval("select staff_id from staff where login = $1", login))
    return found[0], found[1]


async def trade(house: House, campaign: Campaign) -> Trade:
    """An online store, its platform, a carrier, and a warehouse that two people approved."""
    at = await shop(house, campaign, "online", packs=(ONLINE,), uscc="91420100MA4KXXXX0B")
    platform = await machine(house, "mall", rail="mallpay", stores=("online",))
    carrier = await signing(house, "carrier", Sender.CARRIER)
    keeper = await signing(house, "keeper", Sender.WAREHOUSE)
    row = await register_warehouse(house.app, proposed(), "operator")
    assert isinstance(row, WarehouseRow), row
    for staff_id in await officials(house):
        await approve_warehouse(house.app, row.warehouse_id, staff_id)
    return Trade(
        house=house,
        campaign=campaign,
        shop=at,
        platform=platform,
        carrier=carrier,
        keeper=keeper,
        warehouse=row,
    )


async def ask(client: httpx.AsyncClient, at: Machine, way: str, **body: Any) -> httpx.Response:
    """Ask the order door for something, signed."""
    raw, target = msgspec.json.encode(body), f"/orders/v1/{way}"
    return await client.post(target, content=raw, headers=at.headers("POST", target, raw))


async def look(client: httpx.AsyncClient, at: Machine, ref: str) -> dict[str, Any]:
    """An order as its platform sees it."""
    target = f"/orders/v1/orders/{ref}"
    answer = await client.get(target, headers=at.headers("GET", target, b""))
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def opening(ref: str, code: str, **changes: Any) -> dict[str, Any]:
    """The message that opens an order of 800 yuan."""
    told = {
        "order_ref": ref,
        "store": "online",
        "code": code,
        "lines": [{**line, "self_operated": True} for line in LINES],
        "offers": [],
        "warehouse": "wh-1",
        "address": HOME,
    }
    return {**told, **changes}


async def ordered(
    client: httpx.AsyncClient, at: Trade, *, ref: str = "", lane: int = 0, **changes: Any
) -> Bought:
    """A customer with a voucher orders: it is locked under the order."""
    who = await winner(at.house, at.campaign, tier=TOP_ONLINE, lane=lane)
    ref = ref or f"o-{secrets.token_hex(4)}"
    message = opening(ref, await fresh_code(client, who), **changes)
    answer = await ask(client, at.platform, "orders", **message)
    assert answer.status_code == 201, answer.text
    return Bought(ref=ref, who=who, to_pay_fen=answer.json()["to_pay_fen"])


async def bought(
    client: httpx.AsyncClient, at: Trade, *, ref: str = "", lane: int = 0, **changes: Any
) -> Bought:
    """The same, and paid."""
    one = await ordered(client, at, ref=ref, lane=lane, **changes)
    paid = await ask(
        client,
        at.platform,
        "payments",
        order_ref=one.ref,
        payment_ref=f"p-{one.ref}",
        paid_fen=one.to_pay_fen,
    )
    assert paid.status_code == 201, paid.text
    return Bought(
        ref=one.ref, who=one.who, to_pay_fen=one.to_pay_fen, redemption=paid.json()["redemption"]
    )


def pieces(*pairs: tuple[int, int]) -> list[dict[str, int]]:
    """Lines and quantities as messages write them."""
    return [{"line": line, "quantity": quantity} for line, quantity in pairs]


ALL = pieces((1, 1), (2, 4))


async def declared(
    client: httpx.AsyncClient, at: Trade, ref: str, waybill: str, lines: Any = ALL
) -> httpx.Response:
    """The platform declares a parcel."""
    return await ask(
        client,
        at.platform,
        "parcels",
        order_ref=ref,
        carrier="carrier",
        waybill=waybill,
        warehouse="wh-1",
        lines=lines,
    )


async def tell(
    client: httpx.AsyncClient, at: Trade, kind: str, waybill: str, **more: Any
) -> httpx.Response:
    """Warehouse or carrier says what happened, now unless `happened_at` says when."""
    told = {
        "event_ref": f"{kind}-{waybill}-{secrets.token_hex(3)}",
        "kind": kind,
        "happened_at": at.now(),
        "waybill": waybill,
        **more,
    }
    if kind == "dispatched":
        return await ask(
            client, at.keeper, "events", **{"carrier": "carrier", "warehouse": "wh-1", **told}
        )
    return await ask(client, at.carrier, "events", **told)


async def delivered(client: httpx.AsyncClient, at: Trade, waybill: str) -> None:
    """The whole way of a parcel, an hour between one thing and the next."""
    for kind, more in (("dispatched", {}), ("collected", {}), ("signed", {"county": HONGSHAN})):
        answer = await tell(client, at, kind, waybill, **more)
        assert answer.status_code == 200, answer.text
        at.house.clock.move(hours=1)


async def holds(house: House) -> list[tuple[str, bool]]:
    """Every hold: who placed it, and is it in force."""
    async with house.app.db.reading() as tx:
        rows = await tx.fetch(
            "select placed_by, lifted_at is null as open from settlement_holds order by hold_id"
        )
    return [(row["placed_by"], row["open"]) for row in rows]
