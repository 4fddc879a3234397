"""Errands: somebody goes to a till with a voucher, or brings goods back.  到店核销与退货"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from huiquan.domain.regions import Regions, county_at
from simulation.cashier import Bill, Till
from simulation.consumer import Consumer
from simulation.door import Door, Json, Refused
from simulation.habits import Purchase, Return, Slip, Win
from simulation.stores import DemoStore

HOME_SHARE = 0.8  # so many spend in their own city, the others anywhere in the province
TOO_LITTLE_FEN = 1_000

Tally = Counter[str]


@dataclass(frozen=True, kw_only=True)
class HighStreet:
    """The tills of a campaign by the pack they take, in all and city by city."""

    everywhere: Mapping[int, Sequence[Till]]
    at_home: Mapping[tuple[str, int], Sequence[Till]]

    def choose(self, city: str, pack: int, throw: float) -> Till:
        """A till that takes this pack; throw between 0 and 1 says which."""
        home = self.at_home.get((city, pack), ())
        if home and throw < HOME_SHARE:
            return home[int(throw / HOME_SHARE * len(home))]
        everywhere = self.everywhere[pack]
        return everywhere[int(throw * len(everywhere))]

    def mistake(self, pack: int, throw: float) -> Till | None:
        """A till that does not take this pack, if there is any."""
        others = [
            till for other, tills in self.everywhere.items() if other != pack for till in tills
        ]
        return others[int(throw * len(others))] if others else None


def open_tills(regions: Regions, stores: Iterable[DemoStore], door: Door) -> HighStreet:
    """A till for each store, findable by pack and by city."""
    everywhere: dict[int, list[Till]] = defaultdict(list)
    at_home: dict[tuple[str, int], list[Till]] = defaultdict(list)
    for store in stores:
        till = Till(store=store, door=door)
        county = county_at(regions, store.lat, store.lng)
        assert county is not None, f"{store.code} stands outside Hubei"
        for pack in store.packs:
            everywhere[pack].append(till)
            at_home[(county.city, pack)].append(till)
    return HighStreet(everywhere=everywhere, at_home=at_home)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """A redemption, and the till at which it was made."""

    redemption: str
    till: Till


async def spend(
    consumer: Consumer,
    win: Win,
    purchase: Purchase,
    street: HighStreet,
    tally: Tally,
    outing: str = "",
) -> Spent | None:
    """Show the code, have it locked, pay, redeem; None if it came to nothing.

    A slip comes first: too small an order, the wrong store, a customer who walks off and returns
    or never does. outing tells one try with a voucher from another on some other occasion.
    """
    name = f"{win.serial}/{outing}"
    till = street.choose(consumer.person.city, win.pack, purchase.store_draw)
    bill = Bill(order_fen=purchase.order_fen, offers=purchase.offers)
    code = await consumer.show_code(win.serial, f"{outing}/first")
    if isinstance(code, Refused):
        return None
    if purchase.slip is Slip.TOO_LITTLE:
        small = Bill(order_fen=win.threshold_fen - TOO_LITTLE_FEN)
        await till.lock(consumer.key("small", name), code, small)
    elif purchase.slip is Slip.WRONG_STORE:
        wrong = street.mistake(win.pack, purchase.store_draw)
        if wrong is not None:
            await wrong.lock(consumer.key("wrong", name), code, bill)
    locked = await _quote_and_lock(consumer, till, code, bill, f"{name}/first")
    if isinstance(locked, Refused):
        return None
    if purchase.slip is Slip.LEFT:
        tally["left"] += 1
        return None
    if purchase.slip is Slip.UNLOCKED:
        await till.unlock(consumer.key("unlock", name), locked["lock"])
        code = await consumer.show_code(win.serial, f"{outing}/second")
        if isinstance(code, Refused):
            return None
        locked = await _quote_and_lock(consumer, till, code, bill, f"{name}/second")
        if isinstance(locked, Refused):
            return None
        tally["unlocked"] += 1
    return await _pay(consumer, till, locked, name, tally)


async def _quote_and_lock(
    consumer: Consumer, till: Till, code: str, bill: Bill, turn: str
) -> Json | Refused:
    quoted = await till.quote(code, bill)
    if isinstance(quoted, Refused):
        return quoted
    return await till.lock(consumer.key("lock", turn), code, bill)


async def _pay(
    consumer: Consumer, till: Till, locked: Json, name: str, tally: Tally
) -> Spent | None:
    payment_ref = f"PAY-{consumer.key('pay', name)[:20]}"
    paid = await till.redeem(consumer.key("redeem", name), locked["lock"], payment_ref)
    if isinstance(paid, Refused):
        return None
    tally["redemptions"] += 1
    tally["redeemed_fen"] += paid["discount_fen"]
    tally["order_fen"] += paid["order_fen"]
    return Spent(redemption=paid["redemption"], till=till)


async def bring_back(consumer: Consumer, spent: Spent, back: Return, tally: Tally) -> None:
    """Bring goods back to the till that sold them, in one or two parts."""
    for part, amount_fen in enumerate(back.amounts_fen):
        key = consumer.key("refund", spent.redemption, part)
        refunded = await spent.till.refund(key, spent.redemption, amount_fen)
        if isinstance(refunded, Refused):
            return
        tally["refunds"] += 1
        tally["refunded_fen"] += refunded["to_fund_fen"]
