"""Online orders: what an order has to be before a voucher is set aside for it.  线上订单

The announcement wants an online platform to sell its own goods, ship them from its own warehouse in
Hubei, and deliver in Hubei (R3.7). What can be known when the order is opened is decided here; what
only the road can show is decided in `order_evidence`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from huiquan.domain.addresses import Destination
from huiquan.domain.offers import LARGEST_ORDER_FEN
from huiquan.domain.parcel_events import SAID_BY, EventKind, Sender, Warehouse
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import Channel, OnlineRules

LINES_MAX = 100
AHEAD_MAX = timedelta(minutes=5)
"""How far a sender's clock may differ from ours: as far as a signed request's may."""

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
"""Nothing that a campaign could be about happened before."""

HOUSE = "house:orders"
"""In whose name the house holds and lifts what waits for evidence."""

AWAITED = "线上订单，等待收货凭证 online order, evidence of delivery is awaited"
COMPLETE = "凭证齐全 evidence complete"
ALL_BACK = "货款已全部退回 everything was refunded"
TAKEN_BACK = "凭证不再成立，重新暂缓 evidence does not stand any more"


@dataclass(frozen=True, kw_only=True)
class GoodsLine:
    """One line of an order; kind is what sort of goods it is, as the platform names it."""

    sku: str
    name: str
    kind: str
    quantity: int
    unit_fen: int
    is_self_operated: bool


@dataclass(frozen=True, kw_only=True)
class OpeningFacts:
    """What must be known to open an order; warehouse_merchant is whose the warehouse is."""

    lines: tuple[GoodsLine, ...]
    channel: Channel
    merchant_id: int
    warehouse: Warehouse
    warehouse_merchant_id: int
    destination: Destination | Refusal
    rules: OnlineRules


@dataclass(frozen=True, kw_only=True)
class Opening:
    """An order that may be opened, for how much, and where it goes."""

    order_fen: int
    destination: Destination


def decide_opening(facts: OpeningFacts, *, now: datetime) -> Opening | Refusal:
    """Say whether an order may be opened (R3.7, R5.4).

    Refuses, in this order: WRONG_PACK (the store does not sell online), BAD_AMOUNT (no line, or one
    that costs nothing), NOT_SELF_OPERATED, GOODS_EXCLUDED, UNKNOWN_WAREHOUSE (another merchant's),
    WAREHOUSE_NOT_OPEN, and what `parse_address` refuses.
    """
    order_fen = sum(line.quantity * line.unit_fen for line in facts.lines)
    if facts.channel is not Channel.ONLINE:
        return Refusal.WRONG_PACK
    is_priced = all(line.quantity > 0 and line.unit_fen > 0 for line in facts.lines)
    if not is_priced or not 0 < order_fen <= LARGEST_ORDER_FEN:
        return Refusal.BAD_AMOUNT
    if facts.rules.self_operated_only and not all(one.is_self_operated for one in facts.lines):
        return Refusal.NOT_SELF_OPERATED
    if any(line.kind in facts.rules.excluded_goods for line in facts.lines):
        return Refusal.GOODS_EXCLUDED
    if facts.warehouse_merchant_id != facts.merchant_id:
        return Refusal.UNKNOWN_WAREHOUSE
    if not facts.warehouse.is_open(now):
        return Refusal.WAREHOUSE_NOT_OPEN
    if isinstance(facts.destination, Refusal):
        return facts.destination
    return Opening(order_fen=order_fen, destination=facts.destination)


def decide_parcel(
    ordered: Sequence[tuple[int, int]], lines: Sequence[tuple[int, int]]
) -> Refusal | None:
    """Say what is wrong with the goods of a parcel: MALFORMED when they were not ordered so."""
    quantities = dict(ordered)
    is_fit = lines and len({line for line, _ in lines}) == len(lines)
    if not is_fit or any(not 0 < count <= quantities.get(line, 0) for line, count in lines):
        return Refusal.MALFORMED
    return None


def decide_event(
    kind: EventKind, sender: Sender, happened_at: datetime, *, now: datetime
) -> Refusal | None:
    """Say why an event cannot be taken: MALFORMED (older than any campaign), NOT_THEIRS_TO_SAY,
    EVENT_FROM_FUTURE. Late ones can."""
    if happened_at < EARLIEST:
        return Refusal.MALFORMED
    if SAID_BY[kind] is not sender:
        return Refusal.NOT_THEIRS_TO_SAY
    return Refusal.EVENT_FROM_FUTURE if happened_at > now + AHEAD_MAX else None


def decide_moment(happened_at: datetime, *, opened_at: datetime) -> Refusal | None:
    """Say why a platform's change of its order cannot be taken at that moment: EVENT_BEFORE_ORDER.

    What happened before an order was opened counts for nothing when it is judged, so that a return
    dated so would be refunded, and its goods would be missing for good.
    """
    return Refusal.EVENT_BEFORE_ORDER if happened_at < opened_at - AHEAD_MAX else None


def decide_address_change(destination: Destination | Refusal, *, has_left: bool) -> str | Refusal:
    """Give the county an order goes to now; "" when it leaves Hubei.

    Before anything was shipped a change to outside is refused and the order goes where it went.
    Afterwards the goods are on their way whatever we say: the change is taken down, and the money
    is not final unless it comes back. Refuses ADDRESS_UNCLEAR always.
    """
    if isinstance(destination, Refusal):
        is_fact = has_left and destination is Refusal.ADDRESS_OUTSIDE
        return "" if is_fact else destination
    return destination.county
