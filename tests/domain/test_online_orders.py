"""What an order has to be before a voucher is set aside for it, and what may be said of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from huiquan.domain.addresses import Destination
from huiquan.domain.online_orders import (
    GoodsLine,
    Opening,
    OpeningFacts,
    decide_address_change,
    decide_event,
    decide_moment,
    decide_opening,
    decide_parcel,
)
from huiquan.domain.parcel_events import SAID_BY, EventKind, Sender, Warehouse
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import Channel, OnlineRules

NOON = datetime(2026, 2, 6, 12, tzinfo=UTC)
HONGSHAN = Destination(city="420100", county="420111", county_zh="洪山区")
KETTLE = GoodsLine(
    sku="k", name="电热水壶", kind="家电", quantity=2, unit_fen=10_000, is_self_operated=True
)
GOOD = OpeningFacts(
    lines=(KETTLE,),
    channel=Channel.ONLINE,
    merchant_id=1,
    warehouse=Warehouse(warehouse_id=1, operator_id=1, open_from=NOON),
    warehouse_merchant_id=1,
    destination=HONGSHAN,
    rules=OnlineRules(excluded_goods=("烟草",)),
)

OPENINGS: list[tuple[str, OpeningFacts, Refusal]] = [
    ("a shop in a street", replace(GOOD, channel=Channel.OFFLINE), Refusal.WRONG_PACK),
    ("nothing in it", replace(GOOD, lines=()), Refusal.BAD_AMOUNT),
    ("a gift among it", replace(GOOD, lines=(KETTLE, replace(KETTLE, unit_fen=0))),
     Refusal.BAD_AMOUNT),
    ("more than ten million yuan",
     replace(GOOD, lines=(replace(KETTLE, quantity=10_000, unit_fen=2**53 - 1),)),
     Refusal.BAD_AMOUNT),
    ("another seller's goods",
     replace(GOOD, lines=(KETTLE, replace(KETTLE, is_self_operated=False))),
     Refusal.NOT_SELF_OPERATED),
    ("excluded goods", replace(GOOD, lines=(replace(KETTLE, kind="烟草"),)),
     Refusal.GOODS_EXCLUDED),
    ("another merchant's warehouse", replace(GOOD, warehouse_merchant_id=2),
     Refusal.UNKNOWN_WAREHOUSE),
    ("nobody approved the warehouse",
     replace(GOOD, warehouse=replace(GOOD.warehouse, open_from=None)),
     Refusal.WAREHOUSE_NOT_OPEN),
    ("the warehouse is closed",
     replace(GOOD, warehouse=replace(GOOD.warehouse, open_until=NOON)),
     Refusal.WAREHOUSE_NOT_OPEN),
    ("an address elsewhere", replace(GOOD, destination=Refusal.ADDRESS_OUTSIDE),
     Refusal.ADDRESS_OUTSIDE),
]  # fmt: skip


@pytest.mark.requirement("R3.7")
@pytest.mark.parametrize("case", OPENINGS, ids=lambda case: case[0])
def test_which_orders_are_opened(case: tuple[str, OpeningFacts, Refusal]) -> None:
    assert decide_opening(GOOD, now=NOON) == Opening(order_fen=20_000, destination=HONGSHAN)
    assert decide_opening(case[1], now=NOON) is case[2]
    lenient = replace(GOOD, rules=OnlineRules(self_operated_only=False))
    anyones = replace(lenient, lines=(replace(KETTLE, is_self_operated=False),))
    assert isinstance(decide_opening(anyones, now=NOON), Opening)


PARCELS = [
    (((1, 1),), None),
    (((1, 1), (2, 4)), None),
    ((), Refusal.MALFORMED),
    (((1, 2),), Refusal.MALFORMED),
    (((3, 1),), Refusal.MALFORMED),
    (((1, 0),), Refusal.MALFORMED),
    (((2, 1), (2, 1)), Refusal.MALFORMED),
]


@pytest.mark.parametrize(("lines", "flaw"), PARCELS)
def test_a_parcel_holds_what_was_ordered(
    lines: tuple[tuple[int, int], ...], flaw: Refusal | None
) -> None:
    assert decide_parcel(((1, 1), (2, 4)), lines) is flaw


@pytest.mark.parametrize("kind", EventKind)
@pytest.mark.parametrize("sender", Sender)
def test_everyone_says_only_what_is_theirs_to_say(kind: EventKind, sender: Sender) -> None:
    flaw = decide_event(kind, sender, NOON, now=NOON)
    assert flaw is (None if SAID_BY[kind] is sender else Refusal.NOT_THEIRS_TO_SAY)


MOMENTS = [
    (NOON + timedelta(minutes=5), None),
    (NOON + timedelta(minutes=5, microseconds=1), Refusal.EVENT_FROM_FUTURE),
    (NOON - timedelta(days=365), None),
    (datetime(2019, 12, 31, tzinfo=UTC), Refusal.MALFORMED),
    (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), Refusal.MALFORMED),
    (datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=14))), Refusal.EVENT_FROM_FUTURE),
]


@pytest.mark.parametrize(("happened_at", "flaw"), MOMENTS)
def test_an_event_may_be_late_and_not_early(happened_at: datetime, flaw: Refusal | None) -> None:
    assert decide_event(EventKind.LOST, Sender.CARRIER, happened_at, now=NOON) is flaw


CHANGES = [
    (HONGSHAN, False, "420111"),
    (HONGSHAN, True, "420111"),
    (Refusal.ADDRESS_OUTSIDE, False, Refusal.ADDRESS_OUTSIDE),
    (Refusal.ADDRESS_OUTSIDE, True, ""),
    (Refusal.ADDRESS_UNCLEAR, False, Refusal.ADDRESS_UNCLEAR),
    (Refusal.ADDRESS_UNCLEAR, True, Refusal.ADDRESS_UNCLEAR),
]


@pytest.mark.requirement("R5.4")
@pytest.mark.parametrize(("to", "has_left", "outcome"), CHANGES)
def test_where_an_order_may_still_go(
    to: Destination | Refusal, has_left: bool, outcome: str | Refusal
) -> None:
    assert decide_address_change(to, has_left=has_left) == outcome


@pytest.mark.parametrize(
    ("before", "flaw"),
    [
        (timedelta(minutes=-1), None),
        (timedelta(minutes=5), None),
        (timedelta(minutes=5, microseconds=1), Refusal.EVENT_BEFORE_ORDER),
        (timedelta(days=9), Refusal.EVENT_BEFORE_ORDER),
    ],
)
def test_an_order_is_not_changed_before_it_was_opened(
    before: timedelta, flaw: Refusal | None
) -> None:
    assert decide_moment(NOON - before, opened_at=NOON) is flaw
