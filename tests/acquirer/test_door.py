"""What the acquirer's door lets in, and what it says to whom it does not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from huiquan.actions.admit_acquirer import admit_acquirer
from huiquan.actions.change_rails import change_rails
from huiquan.actions.forget_nonces import forget_nonces
from huiquan.actions.register_key import KeyRegistered, NewKey, register_key
from huiquan.actions.revoke_key import revoke_key
from huiquan.db.connection import Database, open_database
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import Algorithm, time_in_ms
from tests.acquirers import Machine, lock, machine, pem_of, redeem
from tests.houses import House, make_house, publish, source_of_2026, visit
from tests.shops import (
    DINING,
    RETAIL,
    YICHANG,
    counted_again,
    fresh_code,
    locked,
    order,
    redeemed,
    shop,
    till,
    winner,
)


def house_at(house: House, database: Database) -> House:
    """Another web process of the same house."""
    other = make_house(database)
    other.clock.now = house.clock.now
    return other


@pytest.mark.requirement("R2.5")
async def test_a_replay_is_refused_by_another_process_and_after_a_restart(
    database: Database, database_url: str
) -> None:
    house = make_house(database)
    await publish(house)
    at = await machine(house, stores=())
    body = b'{"order_ref":"o-1"}'
    headers = at.headers("POST", "/acquirer/v1/unlocks", body)
    again = {"url": "/acquirer/v1/unlocks", "content": body, "headers": headers}
    async with visit(house) as client:
        assert (await client.post(**again)).status_code == 200
        assert (await client.post(**again)).json()["code"] == "request_replayed"
    second = await open_database(database_url, connections=2)
    other = house_at(house, second)
    async with visit(other) as client:
        assert (await client.post(**again)).json()["code"] == "request_replayed"
        other.clock.move(minutes=11)
        assert await forget_nonces(other.app) == 1
        assert (await client.post(**again)).json()["code"] == "request_stale"
        fresh = at.headers(
            "POST", "/acquirer/v1/unlocks", body, time_ms=time_in_ms(other.clock.now)
        )
        assert (await client.post(**{**again, "headers": fresh})).status_code == 200
    await second.close()


async def test_a_request_that_is_not_signed_takes_nobodys_nonce_away(database: Database) -> None:
    house = make_house(database)
    await publish(house)
    at = await machine(house, stores=())
    target, body = "/acquirer/v1/orders/o-1", b""
    headers = at.headers("GET", target, body, nonce="n" * 20)
    forged = {**headers, "Huiquan-Signature": "A" * 86 + "=="}
    async with visit(house) as client:
        assert (await client.get(target, headers=forged)).json()["code"] == "signature_wrong"
        assert (await client.get(target, headers=headers)).json()["state"] == "never_arrived"
        assert (await client.get(target)).json()["code"] == "signature_wrong"
        query = {**headers, **at.headers("GET", target, body)}
        changed = await client.get(target + "?x=1", headers=query)
        assert changed.json()["code"] == "signature_wrong"


async def ask(client: object, at: Machine) -> str:
    answer = await at.get(client, "orders/o-1")  # type: ignore[arg-type]
    return str(answer.json().get("code", answer.json().get("state")))


async def test_a_new_key_takes_over_while_the_old_one_is_still_good(database: Database) -> None:
    house = make_house(database)
    await publish(house)
    old = await machine(house, stores=())
    secret = ed25519.Ed25519PrivateKey.generate()
    new_key = NewKey(
        acquirer="wepay",
        key_id="wepay-2",
        algorithm=Algorithm.ED25519,
        pem=pem_of(secret),
        overlap=timedelta(days=2),
    )
    house.clock.move(hours=1)
    registered = await register_key(house.app, new_key, "test")
    assert isinstance(registered, KeyRegistered)
    assert registered.ending == ("wepay-1",)
    new = Machine(house=house, acquirer=old.acquirer, key_id="wepay-2", secret=secret)
    async with visit(house) as client:
        assert [await ask(client, one) for one in (old, new)] == ["never_arrived"] * 2
        house.clock.move(days=2)
        assert [await ask(client, one) for one in (old, new)] == [
            *("key_out_of_date", "never_arrived")
        ]
        assert await revoke_key(house.app, "wepay-2", "test") == "wepay-2"
        assert await ask(client, new) == "key_out_of_date"
        assert await revoke_key(house.app, "wepay-2", "test") is Refusal.KEY_UNKNOWN
    assert await register_key(house.app, new_key, "test") is Refusal.KEY_TAKEN


async def test_each_way_of_signing_opens_the_door(database: Database) -> None:
    house = make_house(database)
    await publish(house)
    secret = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    other = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    ways = {Algorithm.RSA_PSS: secret, Algorithm.RSA_PKCS1: other}
    async with visit(house) as client:
        for way, key in ways.items():
            at = await machine(house, way.value, stores=(), secret=key, algorithm=way)
            assert await ask(client, at) == "never_arrived"
            wrong = next(one for one in ways if one is not way)
            assert await ask(client, replace(at, algorithm=wrong)) == "signature_wrong"


async def test_a_suspended_acquirer_is_refused_until_it_is_admitted(database: Database) -> None:
    house = make_house(database)
    await publish(house)
    at = await machine(house, stores=())
    async with visit(house) as client:
        assert await admit_acquirer(house.app, "wepay", "test", is_open=False) == "wepay"
        assert await ask(client, at) == "acquirer_suspended"
        assert await admit_acquirer(house.app, "wepay", "test", is_open=True) == "wepay"
        assert await ask(client, at) == "never_arrived"


async def test_a_key_that_a_process_remembers_is_refused_as_soon_as_it_is_none(
    database: Database, database_url: str
) -> None:
    house = make_house(database)
    await publish(house)
    at = await machine(house, stores=())
    second = await open_database(database_url, connections=2)
    async with visit(house_at(house, second)) as elsewhere:
        assert await ask(elsewhere, at) == "never_arrived"
        assert await admit_acquirer(house.app, "wepay", "test", is_open=False) == "wepay"
        assert await ask(elsewhere, at) == "acquirer_suspended"
        assert await admit_acquirer(house.app, "wepay", "test", is_open=True) == "wepay"
        assert await ask(elsewhere, at) == "never_arrived"
        assert await revoke_key(house.app, at.key_id, "test") == at.key_id
        assert await ask(elsewhere, at) == "key_out_of_date"
    async with database.reading() as tx:
        assert await tx.fetchval("select count(*) from acquirer_nonces") == 2
    await second.close()


@pytest.mark.requirement("R1.2")
@pytest.mark.parametrize("is_sandbox", [False, True])
async def test_an_order_that_is_too_small_is_told_what_it_lacks(
    database: Database, is_sandbox: bool
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await shop(house, campaign)
    at = await machine(house, is_sandbox=is_sandbox)
    async with visit(house) as client:
        code = "900000000001"
        if not is_sandbox:
            code = await fresh_code(client, await winner(house, campaign))
        asked = {"store": "jianghan", "code": code, **order("1100", "80", "30")}
        for way, more in (("quote", {}), ("locks", {"order_ref": "o-1"})):
            refused = await at.post(client, way, **asked, **more)
            assert (refused.status_code, refused.json()["code"]) == (422, "below_threshold")
            assert refused.json()["zh"] == (
                "这张券满 1,000.00 元可用，本单扣除优惠后为 990.00 元，还差 10.00 元。"
            )
            assert refused.json()["detail"] == {
                "threshold_fen": 100_000,
                "net_fen": 99_000,
                "missing_fen": 1_000,
            }
        enough = await at.post(
            client, "locks", order_ref="o-1", **asked | order("1110", "80", "30")
        )
        assert enough.status_code == 201, enough.text


@pytest.mark.requirement("R3.8")
async def test_before_anyone_pays_it_is_said_which_way_works_here_and_where_the_next_is(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    here, who = await shop(house, campaign), await winner(house, campaign)
    await shop(house, campaign, "xiling", city=YICHANG)
    # Next door they take the rail, and another kind of voucher than the customer's.
    await shop(house, campaign, "near", packs=(RETAIL,))
    wechat = await machine(house)
    alipay = await machine(house, "alipay", rail="alipay", stores=("xiling", "near"))
    async with visit(house) as client:
        code = await fresh_code(client, who)
        asked = {"store": "jianghan", "code": code, **order("1000")}
        refused = await alipay.post(client, "quote", **asked)
        assert (refused.status_code, refused.json()["code"]) == (422, "rail_not_here")
        detail = refused.json()["detail"]
        assert (detail["takes"], detail["asked"]) == (["wechat"], "alipay")
        assert detail["nearest"]["name"] == "江汉路xiling店"
        assert 250_000 < detail["nearest"]["distance_m"] < 320_000
        said = await client.get(f"/api/v1/stores/{here.store_id}/rails?rail=alipay")
        assert said.json()["zh"] == "本店可用：微信支付；不支持支付宝。"
        assert said.json()["en"] == "This store takes WeChat Pay, not Alipay here."
        assert said.json()["nearest"]["rails"] == ["alipay"]
        listed = await client.get("/api/v1/stores?rail=wechat")
        assert [one["rails"] for one in listed.json()["items"]] == [["wechat"]]
        assert (await wechat.post(client, "quote", **asked)).status_code == 200
        closed = await change_rails(house.app, "wepay", [("jianghan", "")], "test", is_open=False)
        assert closed == 1
        again = await wechat.post(client, "quote", **asked)
        assert again.json()["detail"] == {"takes": [], "asked": "wechat", "nearest": None}
        assert await till(client, here, "locks", code=code, **order("1000"))


@pytest.mark.requirement("R3.8")
@pytest.mark.parametrize(
    ("use_area", "pack", "next_store"),
    [
        ("province", None, "江汉路retail店"),
        ("province", RETAIL, "江汉路retail店"),
        ("province", DINING, "江汉路xiling店"),
        ("registration_city", DINING, None),
    ],
)
async def test_the_next_store_is_one_where_the_voucher_is_good_too(
    database: Database, use_area: str, pack: int | None, next_store: str | None
) -> None:
    house = make_house(database)
    rules = source_of_2026(('use_area = "province"', f'use_area = "{use_area}"'))
    campaign = await publish(house, rules)
    here = await shop(house, campaign)
    await shop(house, campaign, "retail", packs=(RETAIL,))
    await shop(house, campaign, "xiling", city=YICHANG)
    await machine(house, "alipay", rail="alipay", stores=("retail", "xiling"))
    asked = f"/api/v1/stores/{here.store_id}/rails?rail=alipay" + (f"&pack={pack}" if pack else "")
    async with visit(house) as client:
        nearest = (await client.get(asked)).json()["nearest"]
    assert (nearest and nearest["name"]) == next_store


async def test_a_rail_may_be_open_at_some_terminals_only(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await shop(house, campaign)
    at, who = await machine(house, stores=()), await winner(house, campaign)
    opened = await change_rails(
        house.app, "wepay", [("jianghan", "T1"), ("jianghan", "T1")], "test", is_open=True
    )
    assert opened == 1
    async with visit(house) as client:
        asked = {"store": "jianghan", "code": await fresh_code(client, who), **order("1000")}
        answers = [
            await at.post(client, "quote", terminal=name, **asked) for name in ("T1", "T2", "")
        ]
    assert [one.status_code for one in answers] == [200, 422, 422]


@pytest.mark.requirement("R5.3")
async def test_a_voucher_locked_by_a_dead_till_comes_back_by_itself(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await shop(house, campaign)
    at, who = await machine(house), await winner(house, campaign)
    async with visit(house) as client:
        first = await lock(client, at, who, "o-1")
        house.clock.move(seconds=299)
        assert (await at.get(client, "orders/o-1")).json()["state"] == "locked"
        house.clock.move(seconds=1)
        assert (await at.get(client, "orders/o-1")).json()["state"] == "lapsed"
        second = await lock(client, at, who, "o-2")
        assert second["lock"] != first["lock"]
        late = await redeem(client, at, "o-1", "p-1")
        assert late.json()["code"] == "lock_expired"
        assert (await redeem(client, at, "o-2", "p-2")).status_code == 201
    await counted_again(house, campaign)


@pytest.mark.requirement("R5.3")
async def test_a_till_that_lost_its_network_asks_again_and_gets_the_same_answer(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await shop(house, campaign)
    at, who = await machine(house), await winner(house, campaign)
    async with visit(house) as client:
        code = await fresh_code(client, who)
        body = {"order_ref": "o-1", "store": "jianghan", "code": code, **order("1000")}
        first = await at.post(client, "locks", **body)
        paid = await redeem(client, at, "o-1", "p-1")
        house.clock.move(days=1)
        assert (await at.post(client, "locks", **body)).content == first.content
        assert (await redeem(client, at, "o-1", "p-1")).content == paid.content
        other = await redeem(client, at, "o-1", "p-1", 79_000)
        assert other.json()["code"] == "request_key_reused"
        more = await at.post(client, "locks", **{**body, **order("1001")})
        assert more.json()["code"] == "request_key_reused"
        for way in ("orders/o-9", "payments/p-9", "refunds/f-9"):
            assert (await at.get(client, way)).json()["state"] == "never_arrived"


async def test_an_order_closed_before_it_arrived_never_arrives(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await shop(house, campaign)
    at, who = await machine(house), await winner(house, campaign)
    async with visit(house) as client:
        for _ in range(2):
            gone = await at.post(client, "unlocks", order_ref="o-1")
            assert gone.json() == {"order_ref": "o-1", "state": "closed"}
        code = await fresh_code(client, who)
        body = {"order_ref": "o-1", "store": "jianghan", "code": code, **order("1000")}
        assert (await at.post(client, "locks", **body)).json()["code"] == "order_closed"
        assert (await redeem(client, at, "o-1", "p-1")).json()["code"] == "order_closed"
        assert (await redeem(client, at, "o-2", "p-1")).json()["code"] == "unknown_order"
        assert (await at.post(client, "locks", **{**body, "order_ref": "o-2"})).status_code == 201


async def test_what_one_door_did_the_other_does_not_undo(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    here = await shop(house, campaign)
    at, mine, theirs = (
        await machine(house),
        await winner(house, campaign),
        await winner(house, campaign, lane=1),
    )
    other = await machine(house, "alipay", rail="alipay")
    async with visit(house) as client:
        taken = await lock(client, at, theirs, "o-1")
        stolen = await till(client, here, f"locks/{taken['lock']}/redeem", payment_ref="p-0")
        assert stolen.json()["code"] == "other_store"
        given = await till(client, here, f"locks/{taken['lock']}/unlock")
        assert given.json()["code"] == "other_store"
        assert (await redeem(client, other, "o-1", "p-1")).json()["code"] == "unknown_order"
        paid = (await redeem(client, at, "o-1", "p-1")).json()
        back = await till(
            client, here, f"redemptions/{paid['redemption']}/refunds", amount_fen=1_000
        )
        assert back.json()["code"] == "refund_elsewhere"
        strange = {"refund_ref": "f-1", "payment_ref": "p-1", "amount_fen": 1_000}
        assert (await other.post(client, "refunds", **strange)).json()["code"] == "unknown_payment"
        # A payment that an acquirer reported pays for nothing at the cashier's page either.
        own = await locked(client, here, mine)
        twice = await till(client, here, f"locks/{own}/redeem", payment_ref="p-1")
        assert twice.json()["code"] == "payment_ref_used"
    await counted_again(house, campaign)


async def test_the_cashiers_page_goes_on_as_before(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    here, who = await shop(house, campaign), await winner(house, campaign)
    async with visit(house) as client:
        assert await redeemed(client, here, who)
    async with house.app.db.reading() as tx:
        row = await tx.fetchrow("select cashier_id, acquirer_id from redemptions")
    assert tuple(row) == (here.cashier_id, None)
