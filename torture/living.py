"""One person's day: register, enter, see the outcome, spend the voucher, bring goods back.  一天

A refusal that no rule of the run explains is noted as broken: the house is honest to everybody
who does nothing wrong, however much is broken around it.
"""

import asyncio
import hashlib
import itertools
import random
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import partial

from huiquan.domain.receipts import entry_receipt_from_json, is_entry_receipt
from huiquan.domain.refusals import Refusal
from simulation.carrier import Ride
from simulation.cashier import Bill, Till
from simulation.consumer import Consumer
from simulation.door import DoorFaultError, Json, Refused
from simulation.people import Person
from simulation.stores import DINING, ONLINE, RETAIL
from torture.tenders import Tender
from torture.town import Deed, Town

OUTCOME_S = 90.0
CODE_TURNS = 6
SPENDS_NEVER, SPENDS_TOMORROW, SPENDS_AT_A_TILL = 0.1, 0.2, 0.6
GOES_AWAY_FIRST = 0.2
BRINGS_BACK, BRINGS_BACK_TOMORROW = 0.6, 0.3
COMES_BACK = 0.15
ABOVE_THRESHOLD_FEN = 10_000
RETURNING = 2  # of those who came before, so many for each newcomer

# The code for the phone was written down, and the process died before it was sent; or the two
# clocks of a lying house differ by more than a fix may be old.
MAY_NOT_REGISTER = {
    Refusal.SMS_TOO_SOON,
    Refusal.SMS_CODE_EXPIRED,
    Refusal.SMS_CODE_WRONG,
    Refusal.SMS_UNAVAILABLE,
    Refusal.LOCATION_STALE,
    "no_text",
}
KNOWN_BY_NOW = {Refusal.ALREADY_REGISTERED, Refusal.PHONE_IN_USE}
MAY_NOT_ENTER = {Refusal.LOCATION_STALE, Refusal.WIN_LIMIT_REACHED, Refusal.NO_STOCK_TODAY}
# The code grew old, or another one was made, while the house was away or its clock jumped.
OLD_CODE = {Refusal.CODE_EXPIRED, Refusal.CODE_UNKNOWN}
TOO_LATE = {Refusal.LOCK_EXPIRED, Refusal.VOUCHER_EXPIRED}


async def live(town: Town, person: Person, day: int) -> None:
    """One person's day, from the registration to the goods that come back."""
    consumer = town.consumers.setdefault(person.number, Consumer(person, town.street))
    await safely(town, partial(_day, town, consumer, day))


async def safely(town: Town, deed: Deed) -> None:
    """Whoever is not answered goes home; whoever sees a promise broken says so."""
    try:
        await deed()
    except DoorFaultError as fault:
        town.history.give_up(str(fault).split(":")[0].split("?")[0].rsplit("/", 1)[-1])
    except AssertionError as broken:
        town.history.break_rule(repr(broken)[:500])


async def _day(town: Town, consumer: Consumer, day: int) -> None:
    if await register(town, consumer) and await enter(town, consumer, day):
        await look(town, consumer, day)


async def register(town: Town, consumer: Consumer) -> bool:
    """Register, unless that happened already; True when there is a token."""
    if consumer.token is not None:
        return True
    key = str(consumer.person.number)
    was_asked = key in town.history.asked_of("registration")
    town.history.ask("registration", key)
    refused = await consumer.register()
    if refused is not None and was_asked and refused.code in KNOWN_BY_NOW:
        # The answer was lost the day before: who is known comes back on the same phone.
        refused = await consumer.sign_in()
    if refused is None:
        town.history.acknowledge("registration", key, {})
        return True
    _refused(town, refused, MAY_NOT_REGISTER, "registration")
    return False


async def enter(town: Town, consumer: Consumer, day: int) -> bool:
    """Tap on the button, and check the receipt as a page does."""
    key, nonce = consumer.key("draw", day), nonce_of(consumer, day)
    if key in town.history.of("entry"):
        return False
    pack = random.Random(f"{key}/pack").choice((ONLINE, RETAIL, DINING))
    body = {"request_key": key, "client_nonce": nonce.hex(), "pack": pack}
    town.history.ask("entry", key)
    receipt = await town.door.ask(
        "POST /api/v1/draws", {**body, "location": consumer.location()}, token=consumer.token
    )
    if isinstance(receipt, Refused):
        _refused(town, receipt, MAY_NOT_ENTER, "entry")
        return False
    assert is_entry_receipt(entry_receipt_from_json(receipt), town.platform, nonce), receipt
    # Asked for again it is signed anew, alone; what it says stays the same.
    said = {name: receipt[name] for name in ("entry", "cfg_hash", "entered_at", "promise")}
    town.history.acknowledge("entry", key, said)
    return True


def nonce_of(consumer: Consumer, day: int) -> bytes:
    """What this person's page chose for the draw of a day."""
    return hashlib.sha256(f"{consumer.person.document}/{day}".encode()).digest()[:16]


async def look(town: Town, consumer: Consumer, day: int) -> None:
    """Wait for the outcome; a winner makes up their mind about when and where to spend."""
    outcome = await consumer.wait_outcome(day, OUTCOME_S)
    assert not isinstance(outcome, Refused), outcome
    state = {"state": outcome["state"]}
    town.history.acknowledge("outcome", consumer.key("draw", day), state)
    if outcome["state"] != "won":
        return
    won = {name: outcome[name] for name in ("serial", "face_fen", "threshold_fen", "pack")}
    town.history.acknowledge("win", won["serial"], won)
    throw = random.Random(won["serial"])
    turn = throw.random()
    if turn < SPENDS_NEVER:
        return
    if turn < SPENDS_NEVER + SPENDS_TOMORROW:
        town.errands.append(partial(safely, town, partial(spend, town, consumer, won)))
        return
    await spend(town, consumer, won)


async def spend(town: Town, consumer: Consumer, won: Json) -> None:
    """Pay with the voucher at a cashier's till or by an acquirer; some go away first."""
    throw = random.Random(f"{won['serial']}/spend")
    if won["pack"] == ONLINE:
        await order(town, consumer, won, throw)
        return
    till = town.till_for(won["pack"], throw)
    bill = Bill(order_fen=won["threshold_fen"] + throw.randrange(ABOVE_THRESHOLD_FEN))
    times = 2 if throw.random() < GOES_AWAY_FIRST else 1
    if throw.random() < SPENDS_AT_A_TILL:
        await _at_a_till(town, consumer, won["serial"], till, bill, times, throw)
    else:
        tender = throw.choice(town.tenders)
        await _by_an_acquirer(town, consumer, won["serial"], tender, till, bill, times, throw)


async def _at_a_till(
    town: Town,
    consumer: Consumer,
    serial: str,
    till: Till,
    bill: Bill,
    times: int,
    throw: random.Random,
) -> None:
    lock = await _lock(town, consumer, serial, till, bill, 0)
    for time in range(1, times):
        if lock is None or not await _unlock(town, consumer, till, lock):
            return
        lock = await _lock(town, consumer, serial, till, bill, time)
    if lock is None:
        return
    payment = f"PAY-{serial}"
    town.history.ask("redemption", payment)
    paid = await till.redeem(consumer.key("redeem", serial), lock, payment)
    if isinstance(paid, Refused):
        _refused(town, paid, TOO_LATE, "redemption")
        return
    town.history.acknowledge("redemption", payment, paid)
    town.till_of[paid["redemption"]] = till
    for number, amount_fen in enumerate(_parts(paid["net_fen"], throw)):
        deed = partial(_refund, town, consumer, till, paid["redemption"], number, amount_fen)
        if not await _now_or_tomorrow(town, deed, throw):
            return


async def _unlock(town: Town, consumer: Consumer, till: Till, lock: str) -> bool:
    """The customer goes away; False when that was refused."""
    town.history.ask("unlock", lock)
    left = await till.unlock(consumer.key("unlock", lock), lock)
    if isinstance(left, Refused):
        _refused(town, left, TOO_LATE, "unlock")
        return False
    town.history.acknowledge("unlock", lock, {})
    return True


async def _lock(
    town: Town, consumer: Consumer, serial: str, till: Till, bill: Bill, time: int
) -> str | None:
    for turn in range(CODE_TURNS):
        code = await _code(town, consumer, serial, f"{time}/{turn}")
        if code is None:
            return None
        key = consumer.key("lock", serial, time, turn)
        town.history.ask("lock", key)
        locked = await till.lock(key, code, bill)
        if not isinstance(locked, Refused):
            town.history.acknowledge("lock", key, {"lock": locked["lock"]})
            return str(locked["lock"])
        if locked.code not in OLD_CODE:
            _refused(town, locked, TOO_LATE, "lock")
            return None
    town.history.give_up("code")
    return None


async def _code(town: Town, consumer: Consumer, serial: str, turn: str) -> str | None:
    """Have a code shown; one that grew old before its answer came is asked for anew."""
    for again in range(CODE_TURNS):
        code = await consumer.show_code(serial, f"{turn}/{again}")
        if not isinstance(code, Refused):
            return code
        if code.code not in OLD_CODE:
            _refused(town, code, TOO_LATE, "code")
            return None
    town.history.give_up("code")
    return None


async def _refund(
    town: Town, consumer: Consumer, till: Till, redemption: str, number: int, amount_fen: int
) -> bool:
    key = f"{redemption}/{number}"
    town.history.ask("refund", key)
    told = await till.refund(consumer.key("refund", key), redemption, amount_fen)
    if isinstance(told, Refused):
        _refused(town, told, set(), "refund")
        return False
    town.history.acknowledge("refund", key, told)
    return True


async def _by_an_acquirer(
    town: Town,
    consumer: Consumer,
    serial: str,
    tender: Tender,
    till: Till,
    bill: Bill,
    times: int,
    throw: random.Random,
) -> None:
    """The same by an acquirer, whose line lies: it is told no more than that it was refused."""
    locked, order = None, ""
    for time in range(times):
        for turn in range(CODE_TURNS):
            order = tender.next_number()
            code = await _code(town, consumer, serial, f"{time}/{turn}")
            if code is None:
                return
            locked = await tender.lock(order, till.store.code, code, bill.order_fen)
            if locked is not None or not await tender.unlock(order):
                break
        if locked is None:
            town.history.give_up("acquirer lock")
            return
        if time + 1 < times and not await tender.unlock(order):
            return
    payment = tender.next_number()
    paid = await tender.redeem(order, payment, locked["to_pay_fen"] if locked else 0)
    if paid is None:
        town.history.give_up("acquirer redemption")
        return
    for amount_fen in _parts(paid["net_fen"], throw):
        deed = partial(_acquirer_refund, tender, tender.next_number(), payment, amount_fen)
        if not await _now_or_tomorrow(town, deed, throw):
            return


async def order(town: Town, consumer: Consumer, won: Json, throw: random.Random) -> None:
    """Order online, pay, have it carried now or tomorrow; some of it all comes back."""
    mall, number, locked = town.mall, "", None
    store = throw.choice(list(mall.trade.stores))
    order_fen = won["threshold_fen"] + throw.randrange(ABOVE_THRESHOLD_FEN)
    for turn in range(CODE_TURNS):
        number = mall.next_number()
        code = await _code(town, consumer, won["serial"], f"order/{turn}")
        if code is None:
            return
        locked = await mall.lock(number, store.code, code, order_fen)
        if locked is not None or not await mall.unlock(number):
            break
    if locked is None:
        town.history.give_up("online order")
        return
    payment = mall.next_number()
    paid = await mall.redeem(number, payment, locked["to_pay_fen"])
    if paid is None:
        town.history.give_up("online payment")
        return
    now = town.street.clock
    ride = await mall.ship(number, store, locked["county"])
    if ride is not None:
        await _now_or_tomorrow(town, partial(_carried, town, ride, now()), throw)
    if throw.random() < COMES_BACK:
        refund = mall.next_number()
        back = partial(mall.take_back, number, payment, refund, paid["net_fen"], now())
        await _now_or_tomorrow(town, back, throw)


async def _carried(town: Town, ride: Ride, ordered_at: datetime) -> bool:
    await town.mall.carry(ride, ordered_at)
    return True


async def _acquirer_refund(tender: Tender, refund: str, payment: str, amount_fen: int) -> bool:
    return await tender.refund(refund, payment, amount_fen) is not None


def _parts(net_fen: int, throw: random.Random) -> list[int]:
    """What comes back, part by part: nothing, some of it, or all of it to the last fen."""
    if throw.random() >= BRINGS_BACK:
        return []
    cuts = sorted(throw.randint(1, net_fen) for _ in range(throw.randrange(3)))
    edges = [0, *cuts, *([net_fen] if throw.random() < 0.7 or not cuts else [])]
    return [high - low for low, high in itertools.pairwise(edges) if high > low]


async def _now_or_tomorrow(town: Town, deed: Deed, throw: random.Random) -> bool:
    """Do it now, or keep it for the next day, when it is a late one; False when it was refused."""
    if throw.random() < BRINGS_BACK_TOMORROW:
        town.errands.append(partial(safely, town, deed))
        return True
    return bool(await deed())


def _refused(town: Town, refused: Refused, explained: AbstractSet[str], what: str) -> None:
    """Count a refusal that the faults explain; note one that nothing explains."""
    if refused.code in explained:
        town.history.give_up(f"{what}: {refused.code}")
    else:
        town.history.break_rule(f"{what} was refused: {refused.code} {refused.detail}")


async def all_live(
    town: Town, day: int, over_s: float, newcomers: int, moment: Callable[[float], Awaitable[None]]
) -> None:
    """A day's crowd: those who came before, newcomers, and what was kept for today.

    They come over so many seconds of the day; moment waits for one of them.
    """
    throw = random.Random(f"{town.street.seed}/{day}")
    known = [one.person for one in town.consumers.values()]
    known = throw.sample(known, min(len(known), RETURNING * newcomers))
    fresh = [one for one in town.people if one.number not in town.consumers][:newcomers]
    errands, town.errands = town.errands, []
    deeds = [partial(live, town, person, day) for person in (*known, *fresh)]

    async def begin(deed: Deed, wait_s: float) -> None:
        await moment(wait_s)
        await deed()

    every: list[Deed] = [*deeds, *errands]
    await asyncio.gather(*(begin(one, throw.random() * over_s) for one in every))
