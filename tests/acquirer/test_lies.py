"""An acquirer that lies about everything, and a house that is the same to the fen afterwards."""

import random
from typing import Any

import pytest

from huiquan.actions.run_checks import run_checks
from huiquan.actions.send_callbacks import send_callbacks
from huiquan.db.connection import Database
from huiquan.gateways.faults import OutsiderFault
from simulation.acquirer import Lie, LyingAcquirer, LyingLine, Signing
from tests.acquirers import machine
from tests.houses import make_house, publish, visit
from tests.shops import counted_again, fresh_code, shop, winner

ORDERS = 24
MONEY = tuple(f"i{number}_" for number in (*range(14, 23), *range(24, 29), 31))


class LyingEar:
    """Hears callbacks, and often says that it did not, or that it heard something else."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.heard: list[str] = []
        self.answers = 0

    async def deliver(self, url: str, headers: Any, body: bytes, event: str) -> None:
        turn = self.dice.random()
        if turn < 0.3:
            raise OutsiderFault("acquirer", "timeout")
        self.heard.append(event)
        if turn < 0.6:
            raise OutsiderFault("acquirer", "status 500")
        self.answers += 1


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_the_line_does_each_thing_happens_once(
    database: Database, seed: int
) -> None:
    ear = LyingEar(seed)
    house = make_house(database, callbacks=ear)
    campaign = await publish(house)
    await shop(house, campaign)
    at = await machine(house)
    dice = random.Random(seed)
    async with visit(house) as client:

        async def send(method: str, target: str, headers: Any, body: bytes) -> tuple[int, bytes]:
            answer = await client.request(method, target, headers=dict(headers), content=body)
            return answer.status_code, answer.content

        line = LyingLine(
            send=send,
            signing=Signing(key_id=at.key_id, sign=at.secret.sign, clock=lambda: house.clock.now),
            dice=dice,
        )
        liar = LyingAcquirer(line=line)
        for n in range(ORDERS):
            who = await winner(house, campaign, lane=n % campaign.lanes)
            code = await fresh_code(client, who)
            ref = f"{seed}-o-{n}"
            locked = await liar.lock(ref, store="jianghan", code=code, order_fen=100_000)
            if locked is None or dice.random() < 0.2:
                await liar.unlock(ref)
                continue
            paid = await liar.redeem(ref, f"{seed}-p-{n}", locked["to_pay_fen"])
            if paid is not None and dice.random() < 0.6:
                await liar.refund(f"{seed}-f-{n}", f"{seed}-p-{n}", dice.randrange(1, 100_001))
            house.clock.move(seconds=dice.randrange(3))
        assert await liar.reckon() == []
    assert set(line.fired) == set(Lie)
    assert len(liar.told.redeemed) > ORDERS // 3
    await counted_again(house, campaign)
    # The winners of this test never drew, so only the promises of till and money can be asked.
    failed = {one.name for one in (await run_checks(house.app)).failed}
    assert {name for name in failed if name.startswith(MONEY)} == set()
    for _ in range(200):
        house.clock.move(hours=1)
        await send_callbacks(house.app)
    async with house.app.db.reading() as tx:
        deeds = await tx.fetch("select event from callbacks")
        waiting = await tx.fetchval("select count(*) from callbacks where acknowledged_at is null")
    assert (set(ear.heard), waiting) == ({row["event"] for row in deeds}, 0)
    assert len(ear.heard) > ear.answers == len(deeds)
