"""An online platform: it takes orders, has them shipped, and takes goods back.  线上平台

It comes in by the order door and nothing else. What it ships is carried by a carrier that lies
about half of its parcels; two days later the carrier has said all that it will say. The platform
keeps a book of its own, so that what the house holds back can be counted without the house.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import httpx
import msgspec

from huiquan.domain.cities import CITIES
from huiquan.domain.days import moment
from huiquan.domain.regions import County
from simulation import store_names
from simulation.acquirer import Json, Send, Signing
from simulation.carrier import TRIES, LyingCarrier, Ride
from simulation.consumer import Consumer
from simulation.dice import dice
from simulation.door import Door, Refused
from simulation.errands import Tally
from simulation.habits import Purchase, Return, Slip, Win
from simulation.places import WUHAN
from simulation.stores import DemoStore
from simulation.trade import CARRIER, KEEPER, OTHER_WAREHOUSE, PLATFORM, Trade

SMALL_FEN = 1_000  # the second line of each order: a towel
SPLIT_SHARE = 0.3
TOLD_AFTER = timedelta(days=2)
SHIPPED_AT = time(22)  # of the day of the order; all is signed for thirty hours later
ELSEWHERE = ("420502", "420111")  # Xiling in Yichang, Hongshan in Wuhan


@dataclass(kw_only=True)
class Ordered:
    """A paid order as the platform's own book has it."""

    order_ref: str
    payment_ref: str
    net_fen: int
    discount_fen: int
    back_fen: int = 0
    to_fund_fen: int = 0

    @property
    def is_all_back(self) -> bool:
        """True when every fen of it was given back."""
        return self.back_fen == self.net_fen


@dataclass(kw_only=True)
class Mall:
    """The platform with its carrier, its book, and the parcels of which nobody has spoken yet."""

    door: Door
    trade: Trade
    counties: Sequence[County]
    seed: int
    signing: Signing
    dice: random.Random
    carrier: LyingCarrier
    tally: Tally
    book: dict[str, Ordered] = field(default_factory=dict)
    _rides: dict[date, list[Ride]] = field(default_factory=lambda: defaultdict(list))

    async def buy(
        self, consumer: Consumer, win: Win, purchase: Purchase, back: Return | None
    ) -> Ordered | None:
        """Order with a voucher, pay, have it shipped; None if it came to nothing."""
        throw = dice(self.seed, "order", win.serial)
        store = self.trade.stores[int(purchase.store_draw * len(self.trade.stores))]
        ref = f"O{consumer.key('order', win.serial)[:20]}"
        opened = await self._open(consumer, win, purchase, store, ref)
        if opened is None:
            return None
        if purchase.slip in (Slip.LEFT, Slip.UNLOCKED):
            await self.say("cancellations", order_ref=ref)
            self.tally["left" if purchase.slip is Slip.LEFT else "unlocked"] += 1
            if purchase.slip is Slip.LEFT:
                return None
            ref += "b"
            opened = await self._open(consumer, win, purchase, store, ref)
            if opened is None:
                return None
        paid = await self.say(
            "payments", order_ref=ref, payment_ref=f"P{ref}", paid_fen=opened["to_pay_fen"]
        )
        if paid is None:
            return None
        self.tally["redemptions"] += 1
        self.tally["online_orders"] += 1
        self.tally["redeemed_fen"] += paid["discount_fen"]
        self.tally["order_fen"] += paid["order_fen"]
        in_whole = back is None or back.amounts_fen == (paid["net_fen"],)
        await self._ship(ref, store, opened, throw, may_split=in_whole, on=purchase.day)
        one = Ordered(
            order_ref=ref,
            payment_ref=f"P{ref}",
            net_fen=paid["net_fen"],
            discount_fen=paid["discount_fen"],
        )
        self.book[ref] = one
        return one

    async def _open(
        self, consumer: Consumer, win: Win, purchase: Purchase, store: DemoStore, ref: str
    ) -> Json | None:
        code = await consumer.show_code(win.serial, f"order/{ref}")
        if isinstance(code, Refused):
            return None
        offers = [
            {"funder": funder, "name": name, "amount_fen": amount_fen}
            for funder, name, amount_fen in purchase.offers
        ]
        return await self.say(
            "orders",
            order_ref=ref,
            store=store.code,
            code=code,
            lines=goods_of(purchase.order_fen),
            offers=offers,
            warehouse=self.trade.warehouse(store),
            address=self._address(consumer),
        )

    def _address(self, consumer: Consumer) -> str:
        """Somewhere in the county-level areas of the customer's own city."""
        throw, city = dice(self.seed, "home", consumer.person.number), consumer.person.city
        near = [one for one in self.counties if one.city == city]
        county = throw.choice(near or [one for one in self.counties if one.city == WUHAN])
        return address_in(throw, county)

    async def _ship(
        self,
        ref: str,
        store: DemoStore,
        opened: Json,
        throw: random.Random,
        *,
        may_split: bool,
        on: date,
    ) -> None:
        """Declare the parcels, one or two; the carrier speaks of them later."""
        parts = [[1], [2]] if may_split and throw.random() < SPLIT_SHARE else [[1, 2]]
        for number, part in enumerate(parts, start=1):
            ride = Ride(
                order_ref=ref,
                waybill=f"{ref}-{number}",
                warehouse=self.trade.warehouse(store),
                county=opened["county"],
            )
            await self.say(
                "parcels",
                order_ref=ref,
                carrier=CARRIER,
                waybill=ride.waybill,
                warehouse=ride.warehouse,
                lines=pieces(part),
            )
            self._rides[on].append(ride)

    async def bring_back(self, one: Ordered, back: Return, now: datetime) -> None:
        """Goods come back: all of them, or the towel first and the rest with it later."""
        for part, amount_fen in enumerate(back.amounts_fen):
            is_whole = amount_fen == one.net_fen
            lines = [1, 2] if is_whole else [1] if part else [2]
            told = await self.say(
                "returns",
                order_ref=one.order_ref,
                payment_ref=one.payment_ref,
                refund_ref=f"F{one.order_ref}{part}",
                returned_at=now.isoformat(),
                amount_fen=amount_fen,
                lines=pieces(lines),
            )
            if told is None:
                return
            one.back_fen += amount_fen
            one.to_fund_fen += told["refund"]["to_fund_fen"]
            self.tally["refunds"] += 1
            self.tally["refunded_fen"] += told["refund"]["to_fund_fen"]

    async def deliver(self, today: date) -> None:
        """The carrier says what it says of the parcels of two days ago and before, one by one."""
        for day in sorted(one for one in self._rides if one <= today - TOLD_AFTER):
            for ride in sorted(self._rides.pop(day), key=lambda one: one.waybill):
                await self.carrier.carry(ride, moment(day, SHIPPED_AT))

    async def reckon(self) -> list[str]:
        """Hold the house's judgement of every order against the truth; gives each difference.

        What is not final and did not come back is counted: the house must be holding it.
        """
        truth = self.carrier.truth
        truth.all_back |= {one.order_ref for one in self.book.values() if one.is_all_back}
        wrong = await self.carrier.reckon(self.look)
        for ref, one in self.book.items():
            if truth.is_final(ref):
                self.tally["orders_final"] += 1
            else:
                self.tally["orders_held"] += 1
                self.tally["held_fen"] += one.discount_fen - one.to_fund_fen
        return wrong

    async def look(self, order_ref: str) -> Json:
        """An order as the house shows it to its platform."""
        target = f"/orders/v1/orders/{order_ref}"
        headers = self.signing.headers(self.dice, "GET", target, b"")
        status, said = await send_over(self.door.line)("GET", target, headers, b"")
        assert status == 200, said
        told: Json = msgspec.json.decode(said)
        return told

    async def say(self, way: str, **message: object) -> Json | None:
        """Say it until it was heard; a refusal is counted, and gives None."""
        target, body = f"/orders/v1/{way}", msgspec.json.encode(message)
        for _ in range(TRIES):
            headers = self.signing.headers(self.dice, "POST", target, body)
            status, said = await send_over(self.door.line)("POST", target, headers, body)
            if status in (429, 503):
                await asyncio.sleep(0.1)
                continue
            answer: Json = msgspec.json.decode(said)
            if status < 400:
                return answer
            self.door.refusals[str(answer["code"])] += 1
            return None
        raise AssertionError(f"{way}: nobody answers")


def open_mall(
    door: Door,
    trade: Trade,
    counties: Sequence[County],
    seed: int,
    clock: Callable[[], datetime],
    tally: Tally,
) -> Mall:
    """The platform of a trade, and its carrier."""

    def signing(code: str) -> Signing:
        return Signing(key_id=trade.key_id(code), sign=trade.secrets[code].sign, clock=clock)

    return Mall(
        door=door,
        trade=trade,
        counties=counties,
        seed=seed,
        signing=signing(PLATFORM),
        dice=dice(seed, "mall"),
        carrier=LyingCarrier(
            send=send_over(door.line),
            carrier=signing(CARRIER),
            warehouse=signing(KEEPER),
            carrier_code=CARRIER,
            other_warehouse=OTHER_WAREHOUSE,
            elsewhere=ELSEWHERE,
            dice=dice(seed, "carrier"),
        ),
        tally=tally,
    )


def send_over(line: httpx.AsyncClient) -> Send:
    """Carry signed bytes over a line as they are."""

    async def send(
        method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        answer = await line.request(method, target, content=body, headers=dict(headers))
        return answer.status_code, answer.content

    return send


def address_in(throw: random.Random, county: County) -> str:
    """A street and a number in a county, as a customer writes it."""
    return f"湖北省{store_names.address(throw, CITIES[county.city].zh, county.zh)}"


def goods_of(order_fen: int) -> list[Json]:
    """What is ordered: something, and a towel."""
    kettle = {"sku": "KT-17", "name": "电热水壶", "kind": "家电", "unit_fen": order_fen - SMALL_FEN}
    towel = {"sku": "TW-01", "name": "毛巾", "kind": "日用", "unit_fen": SMALL_FEN}
    return [{**one, "quantity": 1, "self_operated": True} for one in (kettle, towel)]


def pieces(lines: Sequence[int]) -> list[Json]:
    """One piece of each of these lines."""
    return [{"line": line, "quantity": 1} for line in lines]
