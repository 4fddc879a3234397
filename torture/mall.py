"""An online platform of a run, on a lying line, with a carrier that lies, too.  线上平台

To the books it is an acquirer like any other: its orders, payments and returns have its own
numbers, and it asks what became of them. What the carrier truly did is known to nobody but the
carrier, and the reckoning holds the house's judgement of each order against that.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from huiquan.domain.regions import County
from simulation.acquirer import Json, LyingAcquirer, LyingLine, Send, Signing
from simulation.carrier import LyingCarrier, Ride
from simulation.mall import ELSEWHERE, address_in, goods_of, pieces
from simulation.stores import DemoStore
from simulation.trade import CARRIER, OTHER_WAREHOUSE, PLATFORM, Trade
from torture.history import History
from torture.tenders import AWAY_S, Tender

# The carrier speaks of a road that begins with the order and ends within three minutes: what is a
# little ahead of the house is taken, also by a clock that goes wrong.
HOUR = timedelta(seconds=5)
WORD_TRIES = 300
PASSING = frozenset({"request_stale", "request_replayed", "event_from_future", "busy"})
MAY_CHANGE = ("stage", "is_final", "findings")


@dataclass(kw_only=True)
class LyingPlatform(LyingAcquirer):
    """A platform on a lying line: it insists like an acquirer, at the order door."""

    door: str = "/orders/v1"
    goods: dict[str, Json] = field(default_factory=dict)

    async def lock(self, order_ref: str, *, store: str, code: str, order_fen: int) -> Json | None:
        """Open an order with its voucher; None when it was refused."""
        message = {**self.goods[store], "lines": goods_of(order_fen), "store": store, "offers": []}
        answer = await self._insist("orders", order_ref=order_ref, code=code, **message)
        return self._keep(self.told.locked, order_ref, answer)

    async def redeem(self, order_ref: str, payment_ref: str, paid_fen: int) -> Json | None:
        """Report a payment; how far the order had come may be another thing each time."""
        answer = await self._insist(
            "payments", order_ref=order_ref, payment_ref=payment_ref, paid_fen=paid_fen
        )
        lasting = answer and {key: answer[key] for key in answer if key not in MAY_CHANGE}
        return self._keep(self.told.redeemed, payment_ref, lasting)

    async def unlock(self, order_ref: str) -> bool:
        """Cancel an order; False when it was refused."""
        answer = await self._insist("cancellations", order_ref=order_ref)
        if answer is not None:
            self.told.unlocked.add(order_ref)
        return answer is not None

    async def give_back(self, order_ref: str, payment_ref: str, **back: object) -> Json | None:
        """All of it comes back; None when it was refused."""
        answer = await self._insist("returns", order_ref=order_ref, payment_ref=payment_ref, **back)
        return self._keep(self.told.refunded, str(back["refund_ref"]), answer and answer["refund"])

    async def declare(self, ride: Ride) -> bool:
        """Declare a parcel; False when it was refused, or nobody answered."""
        answer = await self._insist(
            "parcels",
            order_ref=ride.order_ref,
            carrier=CARRIER,
            waybill=ride.waybill,
            warehouse=ride.warehouse,
            lines=pieces((1, 2)),
        )
        return answer is not None


@dataclass
class Mall(Tender):
    """The platform with its carrier; what is shipped today is spoken of tomorrow."""

    trade: Trade = field(kw_only=True)
    carrier: LyingCarrier = field(kw_only=True)

    async def ship(self, order: str, store: DemoStore, county: str) -> Ride | None:
        """Declare the parcel of an order; gives what the carrier will be asked to carry."""
        ride = Ride(
            order_ref=order,
            waybill=f"W{order}",
            warehouse=self.trade.warehouse(store),
            county=county,
        )
        liar = self.liar
        assert isinstance(liar, LyingPlatform)
        self.history.ask("parcel", ride.waybill)
        if not await liar.declare(ride):
            return None
        self.history.acknowledge("parcel", ride.waybill, {})
        return ride

    async def carry(self, ride: Ride, ordered_at: datetime) -> None:
        """Have a parcel carried, with what the carrier says of it."""
        await self.carrier.carry(ride, ordered_at)

    async def take_back(
        self, order: str, payment: str, refund: str, net_fen: int, at: datetime
    ) -> bool:
        """All goods of an order come back."""
        liar = self.liar
        assert isinstance(liar, LyingPlatform)
        self.of_refund[refund] = payment
        deed = partial(liar.give_back, order, payment, refund_ref=refund, amount_fen=net_fen)
        answer = await self._do(
            "acquirer refund", refund, deed(returned_at=at.isoformat(), lines=pieces((1, 2)))
        )
        if answer is not None:
            self.carrier.truth.all_back.add(order)
        return answer is not None


def make_mall(
    trade: Trade,
    line: LyingLine,
    on_the_road: tuple[Signing, Signing],
    send: Send,
    counties: Sequence[County],
    history: History,
    seed: int,
) -> Mall:
    """The platform of a run; each store's goods ship from its own warehouse to one address.

    on_the_road: how the carrier signs, and how the warehouse does.
    """
    throw = random.Random(f"addresses/{seed}")
    goods = {
        store.code: {
            "warehouse": trade.warehouse(store),
            "address": address_in(throw, throw.choice(counties)),
        }
        for store in trade.stores
    }
    carrier = LyingCarrier(
        send=send,
        carrier=on_the_road[0],
        warehouse=on_the_road[1],
        carrier_code=CARRIER,
        other_warehouse=OTHER_WAREHOUSE,
        elsewhere=ELSEWHERE,
        dice=random.Random(f"carrier/{seed}"),
        hour=HOUR,
        tries=WORD_TRIES,
        pause_s=AWAY_S,
        passing=PASSING,
    )
    liar = LyingPlatform(line=line, goods=goods)
    return Mall(code=PLATFORM, liar=liar, history=history, trade=trade, carrier=carrier)
