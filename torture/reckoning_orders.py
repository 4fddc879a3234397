"""Online orders, afterwards: what the carrier alone knows, held against what the house believes.

线上订单清点。 A word that was acknowledged is there exactly once, and none nobody said; an order
is final only if nothing false was said of its parcels or all of it came back; and of an order that
is not, no fen was settled. An order of whose parcels some word was never answered may be either.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from simulation.carrier import Truth
from torture.history import History
from torture.tables import Tables

FINAL = ("delivered", "returned")


def reckon_orders(history: History, tables: Tables, truth: Truth) -> Iterator[str]:
    """Every promise about online orders that a run found broken."""
    yield from truth.contradictions
    yield from _words(tables, truth)
    yield from _parcels(history, tables)
    yield from _judged(tables, truth)


def _words(tables: Tables, truth: Truth) -> Iterator[str]:
    """Each word is kept once for each of its contents, however often it was said."""
    kept = Counter(row["event_ref"] for row in tables.order_events if row["waybill"])
    for ref, contents in truth.taken.items():
        if kept[ref] < len(contents):
            yield f"event {ref} was acknowledged {len(contents)} times over and is kept {kept[ref]}"
    for ref, count in kept.items():
        if ref not in truth.asked:
            yield f"event {ref} is there and nobody said it"
        elif ref in truth.taken and count > len(truth.taken[ref]):
            yield f"event {ref} is kept {count} times and was said as {len(truth.taken[ref])}"


def _parcels(history: History, tables: Tables) -> Iterator[str]:
    there = Counter(row["waybill"] for row in tables.order_parcels)
    for waybill in history.of("parcel"):
        if there[waybill] != 1:
            yield f"parcel {waybill} was acknowledged and is there {there[waybill]} times"
    for waybill in there.keys() - history.asked_of("parcel"):
        yield f"parcel {waybill} is there and nobody declared it"


def _judged(tables: Tables, truth: Truth) -> Iterator[str]:
    carried = {ride.order_ref for ride in truth.rides.values()}
    for row in tables.online_orders:
        ref = row["order_ref"]
        if row["paid_at"] is None or ref in truth.unheard or _came_back(row):
            continue
        is_proven = ref in carried and truth.is_final(ref)
        if row["stage"] in FINAL and not is_proven:
            lies = sorted(truth.lies_about(ref)) or "nothing"
            yield f"order {ref} is {row['stage']}, and {lies} was said of it"
        if row["stage"] not in FINAL and is_proven:
            yield f"order {ref} is {row['stage']}, and its whole way was proven"
        if row["settled_fen"] and not is_proven:
            yield f"order {ref}: {row['settled_fen']} fen were settled without evidence"


def _came_back(row: Mapping[str, Any]) -> bool:
    """All of it was refunded, also where nobody heard the answer."""
    return bool(row["refunded_fen"] == row["net_fen"])
