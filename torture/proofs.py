"""Afterwards, at the doors: everybody is told again what they were told, and can prove it.  复核

Whoever holds a receipt gets the same outcome again, with a proof that anyone may check; a cashier
is shown each redemption as it was told; an acquirer finds each of its numbers.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass

import httpx

from huiquan.domain.draw_config import decode_config
from huiquan.domain.receipts import outcome_receipt_from_json
from huiquan.domain.verification_receipt import verify_outcome_receipt
from simulation.cashier import Till
from simulation.consumer import Consumer
from simulation.door import DoorFaultError, Json, Refused
from torture.history import History
from torture.living import nonce_of
from torture.town import Town

PROVEN_S = 60
AT_ONCE = 8
SAID = ("redemption", "redeemed_at", "order_fen", "net_fen", "discount_fen", "to_pay_fen")


@dataclass(frozen=True, kw_only=True)
class Proofs:
    """How many were asked for at the doors, and what was wrong."""

    outcomes: int
    stories: int
    wrong: list[str]


async def ask_at_the_doors(town: Town, days: list[int], most: int) -> Proofs:
    """Ask for outcomes with their proofs, at most so many of them, and for every redemption."""
    entered = [
        (consumer, day)
        for consumer in town.consumers.values()
        for day in days
        if consumer.key("draw", day) in town.history.of("entry")
    ]
    random.Random(town.street.seed).shuffle(entered)
    gate, configs, wrong = asyncio.Semaphore(AT_ONCE), dict[str, bytes](), list[str]()

    async def one(consumer: Consumer, day: int) -> None:
        async with gate:
            try:
                wrong.extend([each async for each in _outcome(town, consumer, day, configs)])
            except DoorFaultError as fault:
                wrong.append(f"outcome of {consumer.person.number} on {day}: {fault}")

    asked = entered[:most]
    await asyncio.gather(*(one(consumer, day) for consumer, day in asked))
    for till in town.tills:
        till.token = None  # nights have passed: each cashier signs in anew
    stories = town.history.of("redemption")
    for payment, paid in stories.items():
        wrong.extend([each async for each in _story(town, payment, paid)])
    for tender in town.tenders:
        wrong.extend(await tender.liar.reckon())
    return Proofs(outcomes=len(asked), stories=len(stories), wrong=wrong)


async def _outcome(
    town: Town, consumer: Consumer, day: int, configs: dict[str, bytes]
) -> AsyncIterator[str]:
    key, who = consumer.key("draw", day), consumer.person.number
    found = await consumer.wait_outcome(day, PROVEN_S)
    if isinstance(found, Refused):
        yield f"outcome of {who} on {day} was refused: {found.code}"
        return
    told = town.history.of("outcome").get(key, {"state": found["state"]})
    if found["state"] != told["state"]:
        yield f"outcome of {who} on {day} was {told['state']} and is {found['state']}"
    receipt = await _receipt(town, consumer, day)
    cfg_hash = town.history.of("entry")[key]["cfg_hash"]
    if cfg_hash not in configs:
        configs[cfg_hash] = await _config(town, cfg_hash)
    raw, proof = configs[cfg_hash], outcome_receipt_from_json(receipt)
    nonce = nonce_of(consumer, day)
    verdict = verify_outcome_receipt(proof, decode_config(raw).keys, raw, nonce)
    if not verdict.is_right or verdict.unchecked != ():
        yield f"the proof of {who} on {day} does not hold: {verdict}"
    if proof.outcome.kept != (found["state"] == "won"):
        yield f"the proof of {who} on {day} says another outcome"


async def _receipt(town: Town, consumer: Consumer, day: int) -> Json:
    """The receipt, once its round stands in the log."""
    for _ in range(PROVEN_S * 2):
        receipt = await consumer.outcome_receipt(day)
        if not isinstance(receipt, Refused) and receipt["log"] is not None:
            return receipt
        await asyncio.sleep(0.5)
    raise DoorFaultError("a drawn round is not in the public log")


async def _config(town: Town, cfg_hash: str) -> bytes:
    """The config's bytes as they were signed."""
    for _ in range(PROVEN_S * 2):
        with suppress(httpx.TransportError):
            answer = await town.door.line.get(f"/api/v1/public/configs/{cfg_hash}")
            if answer.status_code == 200:
                return answer.content
        await asyncio.sleep(0.5)
    raise DoorFaultError("the config of a receipt is not public")


async def _story(town: Town, payment: str, paid: Json) -> AsyncIterator[str]:
    """What the till of a redemption shows of it is what was told, with each refund once."""
    name = paid["redemption"]
    story = await _story_of(town, name)
    if story is None:
        yield f"no till knows {name}, which was acknowledged for {payment}"
        return
    for each in story_flaws(town.history, payment, story):
        yield each


def story_flaws(history: History, payment: str, story: Json) -> Iterator[str]:
    """Where the story that a till shows differs from what was told of a payment."""
    paid = history.of("redemption")[payment]
    name = paid["redemption"]
    for field in SAID:
        if story[field] != paid[field]:
            yield f"{name}: {field} was told as {paid[field]} and is shown as {story[field]}"
    told = [one for key, one in history.of("refund").items() if key.startswith(f"{name}/")]
    for one in told:
        if story["refunds"].count(one) != 1:
            yield f"{name}: {one['refund']} is shown {story['refunds'].count(one)} times"
    asked = sum(key.startswith(f"{name}/") for key in history.asked_of("refund"))
    if len(story["refunds"]) > asked:
        yield f"{name}: {len(story['refunds'])} refunds are shown, {asked} were asked for"
    if story["refunded_fen"] != sum(one["amount_fen"] for one in story["refunds"]):
        yield f"{name}: what came back does not add up: {story}"


async def _story_of(town: Town, redemption: str) -> Json | None:
    """Ask the till that redeemed; only its store is told."""
    token = await _token(town, town.till_of[redemption])
    found = await town.door.ask(f"GET /api/v1/till/redemptions/{redemption}", token=token)
    return None if isinstance(found, Refused) else found


async def _token(town: Town, till: Till) -> str:
    """The till's token of today, once it has signed in."""
    if till.token is None:
        body = {"login": till.store.login, "pin": till.store.pin}
        opened = await town.door.ask("POST /api/v1/till/sessions", body)
        assert not isinstance(opened, Refused), opened
        till.token = str(opened["token"])
    return till.token
