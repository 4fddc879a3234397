"""Whatever a carrier says, and however it says it, only what is proven is paid."""

import random
from typing import Any

import pytest

from huiquan.actions.run_checks import run_checks
from huiquan.actions.settle_day import settle_day
from huiquan.db.connection import Database
from simulation.acquirer import Signing
from simulation.carrier import HARMLESS, Lie, LyingCarrier, Ride
from tests.acquirers import Machine, signature_of
from tests.houses import CAMPAIGN, House, make_house, publish, visit
from tests.online import HONGSHAN, XILING, bought, declared, look, pieces, trade
from tests.shops import counted_again

ORDERS = 28
PROMISES = (*(f"i{n}_" for n in (*range(14, 18), *range(19, 29))), "o1_", "o2_", "o3_")


def signing(at: Machine, house: House) -> Signing:
    def sign(text: bytes) -> bytes:
        return signature_of(at.secret, at.algorithm, text)

    return Signing(key_id=at.key_id, sign=sign, clock=lambda: house.clock.now)


@pytest.mark.requirement("R3.7")
@pytest.mark.requirement("R5.4")
async def test_only_what_truly_arrived_is_paid_whatever_a_carrier_says(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at = await trade(house, campaign)
    async with visit(house) as client:

        async def send(method: str, target: str, headers: Any, body: bytes) -> tuple[int, bytes]:
            answer = await client.request(method, target, headers=dict(headers), content=body)
            return answer.status_code, answer.content

        liar = LyingCarrier(
            send=send,
            carrier=signing(at.carrier, house),
            warehouse=signing(at.keeper, house),
            carrier_code="carrier",
            other_warehouse="wh-other",
            elsewhere=(XILING, HONGSHAN),
            dice=random.Random(4),
        )
        await at.register_other("wh-other")
        orders = []
        for n in range(ORDERS):
            orders.append(await bought(client, at, ref=f"o-{n}", lane=n % campaign.lanes))
            split = [pieces((1, 1)), pieces((2, 4))] if n % 4 == 0 else [pieces((1, 1), (2, 4))]
            for part, lines in enumerate(split):
                await declared(client, at, f"o-{n}", f"W{n}-{part}", lines)
        start = house.clock.now
        house.clock.move(days=3)
        for n in range(ORDERS):
            for part in range(2 if n % 4 == 0 else 1):
                ride = Ride(
                    order_ref=f"o-{n}", waybill=f"W{n}-{part}", warehouse="wh-1", county=HONGSHAN
                )
                await liar.carry(ride, start)
        assert await liar.reckon(lambda ref: look(client, at.platform, ref)) == []
        final = [one for one in orders if (await look(client, at.platform, one.ref))["is_final"]]
    assert set(liar.fired) == set(Lie)
    assert 0 < len(final) < ORDERS
    assert {liar.truth.standings[one] > 0 for one in ("taken", "known", "contradicts")} == {True}
    house.clock.move(days=9)
    await settle_day(house.app, CAMPAIGN)
    async with house.app.db.reading() as tx:
        paid = await tx.fetch("select payment_ref from redemptions where settlement_id is not null")
    assert {row["payment_ref"] for row in paid} == {f"p-{one.ref}" for one in final}
    await counted_again(house, campaign)
    # The winners of this test never drew, so only the promises of till, money and orders are asked.
    failed = {one.name for one in (await run_checks(house.app)).failed}
    assert {name for name in failed if name.startswith(PROMISES)} == set()
    assert set(Lie) > HARMLESS
