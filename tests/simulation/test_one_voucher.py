"""One voucher's whole life: from the appropriation to the verified export.  一张券的一生

Everything is real: processes of notary, auditor and web, PostgreSQL, the commands of officials, and
the public doors for everyone else. Only the clock is moved by hand.
"""

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

import httpx
import pytest

from huiquan.domain.days import day_number, moment
from huiquan.domain.draw_config import Keys
from huiquan.domain.receipts import (
    entry_receipt_from_json,
    is_entry_receipt,
    outcome_receipt_from_json,
)
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import decode_seal, seal_hash_of
from huiquan.domain.verification_receipt import verify_outcome_receipt
from huiquan.settings import write_settings
from simulation.cashier import Bill, Till
from simulation.consumer import Consumer
from simulation.door import Door, Json, Refused, open_line
from simulation.people import Trouble
from simulation.season import make_world
from simulation.season_day import draw_waiting, let_web_read, night, open_day, send_texts
from simulation.season_house import SeasonHouse, open_season_house
from simulation.season_world import World
from simulation.stores import DINING

DAY = date(2026, 2, 2)
NUMBER = day_number(DAY)
SEED, PEOPLE = 11, 60
OFFERS = (("merchant", "店庆满减", 2_000), ("platform", "平台优惠", 1_000))
OFFERS_FEN = 3_000
PASSWORD = "correct horse battery"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The house, its world, and the line to its public addresses."""

    house: SeasonHouse
    world: World
    line: httpx.AsyncClient


def huiquan(house: SeasonHouse, *words: str) -> str:
    """Run a command as an official would."""
    told = subprocess.run(
        [sys.executable, "-m", "huiquan", *words],
        env={**os.environ, **write_settings(house.app.settings), "HUIQUAN_NEW_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def given(answer: Json | Refused) -> Json:
    """An answer that is not a refusal."""
    assert not isinstance(answer, Refused), answer
    return answer


async def figures(stage: Stage, day: int) -> Json:
    """What an official of the province sees."""
    body = {"login": "province", "password": PASSWORD}
    token = given(await stage.world.door.ask("POST /api/v1/console/sessions", body))["token"]
    asked = f"campaign={stage.world.campaign.campaign_id}&day={day}"
    return given(await stage.world.door.ask(f"GET /api/v1/console/figures?{asked}", token=token))


async def only_people_in_hubei_register(stage: Stage) -> list[Consumer]:
    """R1.1: consent, identity and place; a phone in Changsha is outside the area."""
    everyone = list(stage.world.consumers.values())
    honest = [one for one in everyone if one.person.trouble is Trouble.NONE]
    away = Consumer(replace(honest[0].person, lat=28.228, lng=112.939), honest[0].street)
    assert await away.register() == Refused(code=Refusal.OUTSIDE_AREA)
    honest[0].unused_codes.update(away.unused_codes)
    for consumer in honest:
        assert await consumer.register() is None
    return honest


async def everyone_enters_once(stage: Stage, people: list[Consumer]) -> None:
    """R1.4, R2.1: one draw a day, with a signed receipt that carries the phone's own nonce."""
    platform = stage.house.app.signer.key
    for consumer in people:
        told = given(await consumer.draw(NUMBER, DINING))
        receipt = entry_receipt_from_json(told)
        assert is_entry_receipt(receipt, platform, bytes.fromhex(consumer.nonce(NUMBER)))
        assert await consumer.draw(NUMBER, DINING) == told
        again = await consumer.draw(NUMBER, DINING, turn="again")
        assert again == Refused(code=Refusal.ALREADY_ENTERED)


async def the_winners_proof(stage: Stage, winner: Consumer) -> None:
    """R2.1, R5.1: notary and auditor proved this round, and anyone can compute the win."""
    told = given(await winner.outcome_receipt(NUMBER))
    receipt = outcome_receipt_from_json(told)
    named = given(await stage.world.door.ask("GET /api/v1/public/keys"))
    keys = Keys(**{role: named[role] for role in ("platform", "approver", "notary", "auditor")})
    seal = bytes.fromhex(receipt.seal)
    cfg_hash = decode_seal(seal).cfg_hash.hex()
    config = (await stage.line.get(f"/api/v1/public/configs/{cfg_hash}")).content
    verdict = verify_outcome_receipt(receipt, keys, config, bytes.fromhex(winner.nonce(NUMBER)))
    assert verdict.finding is None, verdict
    for url in (stage.house.app.settings.notary_url, stage.house.app.settings.auditor_url):
        async with open_line(url) as signer:
            status: dict[str, Any] = (await signer.get("/v1/status")).json()
        lane = decode_seal(seal).lane
        last = {one["lane"]: one for one in status["lanes"]}[lane]
        assert last["seq"] > decode_seal(seal).seq or last["seal_hash"] == seal_hash_of(seal).hex()


async def it_is_redeemed_after_offers(winner: Consumer, till: Till, won: Json) -> Json:
    """R1.2, R1.3: the threshold counts after all offers; one fen less is refused."""
    code = await winner.show_code(won["serial"], "first")
    assert isinstance(code, str), code
    order_fen = won["threshold_fen"] + OFFERS_FEN
    short = await till.lock("one-fen-short", code, Bill(order_fen=order_fen - 1, offers=OFFERS))
    sums = {
        "threshold_fen": won["threshold_fen"],
        "net_fen": won["threshold_fen"] - 1,
        "missing_fen": 1,
    }
    assert short == Refused(code=Refusal.BELOW_THRESHOLD, detail=sums)
    bill = Bill(order_fen=order_fen, offers=OFFERS)
    locked = given(await till.lock("lock-of-lunch", code, bill))
    assert locked["net_fen"] == won["threshold_fen"]
    assert locked["to_pay_fen"] == won["threshold_fen"] - won["face_fen"]
    paid = given(await till.redeem("redeem-lunch", locked["lock"], "PAY-1"))
    assert given(await till.redeem("redeem-lunch", locked["lock"], "PAY-1")) == paid
    return paid


async def a_part_is_refunded(till: Till, won: Json, paid: Json) -> int:
    """R2.4: of a tenth that comes back, a tenth of the voucher returns to the fund."""
    amount_fen = won["threshold_fen"] // 10
    refund = given(await till.refund("refund-a-tenth", paid["redemption"], amount_fen))
    assert refund["to_fund_fen"] == won["face_fen"] // 10
    assert refund["to_consumer_fen"] == amount_fen - won["face_fen"] // 10
    return int(refund["to_fund_fen"])


@pytest.mark.slow
@pytest.mark.xdist_group("real-house")
@pytest.mark.requirement("R1.1")
@pytest.mark.requirement("R1.2")
@pytest.mark.requirement("R1.3")
@pytest.mark.requirement("R1.4")
@pytest.mark.requirement("R2.1")
@pytest.mark.requirement("R2.4")
@pytest.mark.requirement("R2.8")
@pytest.mark.requirement("R5.1")
async def test_one_vouchers_whole_life() -> None:
    async with (
        open_season_house(SEED, PEOPLE, stores=40) as house,
        open_line(house.url) as line,
        open_line(house.sms_url) as inbox,
    ):
        huiquan(house, "staff", "add", "province", "--name", "王监管", "--role", "supervisor")
        world = await make_world(house, Door(line), inbox, PEOPLE, days=1, seed=SEED)
        stage = Stage(house=house, world=world, line=line)
        house.clock.move(moment(DAY, time(9)))
        await open_day(world)
        await let_web_read()

        house.clock.move(moment(DAY, time(10)))
        people = await only_people_in_hubei_register(stage)
        await everyone_enters_once(stage, people)
        await draw_waiting(world)
        drawn = [(one, given(await one.outcome(NUMBER))) for one in people]
        assert {won["state"] for _, won in drawn} == {"won", "missed"}
        winner, won = next(pair for pair in drawn if pair[1]["state"] == "won")
        await the_winners_proof(stage, winner)
        await send_texts(world)
        texts = (await inbox.get("/inbox", params={"phone": winner.person.phone})).json()["items"]
        assert "中签" in texts[0]["text"]

        house.clock.move(moment(DAY, time(12, 30)))
        till = world.high_street.choose(winner.person.city, DINING, 0.5)
        paid = await it_is_redeemed_after_offers(winner, till, won)
        to_fund_fen = await a_part_is_refunded(till, won, paid)
        await send_texts(world)
        await it_is_reported(stage, drawn, paid, to_fund_fen)
        await the_merchant_is_paid_after_the_hold(stage, paid["discount_fen"] - to_fund_fen)
        export = house.directory / "export"
        huiquan(house, "export-draws", f"{DAY}", "--out", str(export))
        assert huiquan(house, "verify", str(export)).endswith("ok\n")
        huiquan(house, "check")


async def it_is_reported(
    stage: Stage, drawn: list[tuple[Consumer, Json]], paid: Json, to_fund_fen: int
) -> None:
    """R2.8: the day's nine figures are what happened at the doors."""
    faces = [won["face_fen"] for _, won in drawn if won["state"] == "won"]
    seen = await figures(stage, NUMBER)
    assert seen["entered_count"] == len(drawn)
    assert seen["total"] == {
        "issued_count": len(faces),
        "issued_fen": sum(faces),
        "holder_count": len(faces),
        "redeemer_count": 1,
        "redeemed_count": 1,
        "redeemed_fen": paid["discount_fen"],
        "order_fen": paid["order_fen"],
        "refunded_fen": to_fund_fen,
        "redeeming_merchant_count": 1,
    }


async def the_merchant_is_paid_after_the_hold(stage: Stage, due_fen: int) -> None:
    """R2.4: nothing leaves the account in the hold, then exactly what is due; the rest is there."""
    world, budget_fen = stage.world, stage.house.rulebook.budget_fen
    hold = stage.house.rulebook.settlement_hold_days
    for after in range(1, hold + 1):
        await night(world, stage.house.clock, DAY + timedelta(days=after))
        assert world.tally["paid_fen"] == (due_fen if after == hold else 0)
        await open_day(world)
    fund = (await figures(stage, NUMBER))["fund"]
    assert fund["appropriated_fen"] == budget_fen
    assert fund["paid_fen"] == due_fen
    kept = ("pool_fen", "released_fen", "reserved_fen", "returned_fen", "payable_fen")
    assert sum(fund[name] for name in kept) + fund["settling_fen"] == budget_fen - due_fen
