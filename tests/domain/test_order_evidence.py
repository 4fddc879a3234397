"""When an online order's money is final, and that nothing depends on who spoke first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.order_evidence import (
    HoldMove,
    Late,
    OrderFacts,
    Refunded,
    Stage,
    decide_hold,
    judge_order,
    late_by,
)
from huiquan.domain.parcel_events import (
    Event,
    EventKind,
    Parcel,
    Warehouse,
    Waybill,
    content_of,
)
from huiquan.domain.rulebooks import OnlineRules

NOON = datetime(2026, 2, 6, 12, tzinfo=UTC)
PLATFORM, CARRIER, KEEPER = 1, 2, 3
OURS, OTHER = 7, 8
HONGSHAN, XILING, NOWHERE = "420111", "420502", ""
FIRST, SECOND = Waybill(carrier_id=CARRIER, number="A"), Waybill(carrier_id=CARRIER, number="B")
WAREHOUSE = Warehouse(warehouse_id=OURS, operator_id=KEEPER, open_from=NOON - timedelta(days=1))
SPEAKERS = {"dispatched": KEEPER, "intercepted": PLATFORM}


def event(text: str) -> Event:
    """`hour kind [parcel] [place]`, as in "3 signed A hongshan"; a place may be a warehouse."""
    hour, kind, *rest = text.split()
    place = rest[1] if len(rest) > 1 else None
    places = {"hongshan": HONGSHAN, "xiling": XILING, "outside": NOWHERE, None: None}
    waybill = {"A": FIRST, "B": SECOND}.get(rest[0]) if rest else None
    if kind == "address_changed":
        waybill, place = None, rest[0]
    warehouse = (OTHER if place == "other" else OURS) if kind == "dispatched" else None
    return Event(
        sender_id=SPEAKERS.get(kind, PLATFORM if kind == "address_changed" else CARRIER),
        event_ref=text,
        content=content_of(text),
        kind=EventKind(kind),
        happened_at=NOON + timedelta(hours=int(hour)),
        waybill=waybill,
        warehouse_id=warehouse,
        county=None if kind == "dispatched" else places.get(place),
    )


def facts(*said: str, parcels: str = "A", **changes: object) -> OrderFacts:
    """A paid order of two lines for Hongshan: all in A, or line 1 in A and line 2 in B."""
    whole, split = {"A": ((1, 1), (2, 3))}, {"A": ((1, 1),), "B": ((2, 3),)}
    lines = whole if parcels == "A" else split if parcels == "A B" else {}
    if parcels == "A again":
        lines = {"A": whole["A"], "B": whole["A"]}
    known: dict[str, object] = {
        "lines": ((1, 1), (2, 3)),
        "county": HONGSHAN,
        "opened_at": NOON,
        "paid_at": NOON,
        "parcels": tuple(
            Parcel(waybill=FIRST if name == "A" else SECOND, warehouse=WAREHOUSE, lines=inside)
            for name, inside in lines.items()
        ),
        "events": tuple(event(one) for one in said),
    }
    return OrderFacts(**{**known, **changes})  # type: ignore[arg-type]


GOOD = ("1 dispatched A", "2 collected A", "9 signed A hongshan")
ALSO = ("1 dispatched B", "2 collected B", "9 signed B hongshan")

JUDGEMENTS: list[tuple[str, tuple[str, ...], str, str, str]] = [
    ("the whole way is proven", GOOD, "A", "delivered", ""),
    ("nothing was declared", (), "", "paid", "no_parcel lines_missing"),
    ("declared, nothing said", (), "A", "paid",
     "lines_missing not_dispatched not_collected not_signed"),
    ("on the road", GOOD[:2], "A", "shipping", "lines_missing not_signed"),
    ("the carrier alone", GOOD[1:], "A", "shipping", "lines_missing not_dispatched"),
    ("never collected", (GOOD[0], GOOD[2]), "A", "shipping", "lines_missing not_collected"),
    ("split, one is missing", GOOD, "A B", "shipping",
     "lines_missing not_dispatched not_collected not_signed"),
    ("split, both there", GOOD + ALSO, "A B", "delivered", ""),
    ("another county", (*GOOD[:2], "9 signed A xiling"), "A", "doubtful",
     "lines_missing wrong_county"),
    ("outside Hubei", (*GOOD[:2], "9 signed A outside"), "A", "doubtful",
     "lines_missing signed_outside"),
    ("signed before collected", (*GOOD, "10 collected A"), "A", "doubtful",
     "lines_missing not_signed signed_before_shipped"),
    ("dispatched after signed", ("10 dispatched A", *GOOD[1:]), "A", "doubtful",
     "lines_missing signed_before_shipped"),
    ("another warehouse", ("1 dispatched A other", *GOOD[1:]), "A", "doubtful",
     "lines_missing not_dispatched other_warehouse"),
    ("both warehouses", ("1 dispatched A other", *GOOD), "A", "doubtful",
     "lines_missing other_warehouse"),
    ("lost", (*GOOD[:2], "5 lost A"), "A", "doubtful", "lines_missing lost"),
    ("lost, then found", (*GOOD[:2], "5 lost A", "6 found A"), "A", "shipping",
     "lines_missing not_signed"),
    ("lost, found, signed", (*GOOD, "5 lost A", "6 found A"), "A", "delivered", ""),
    ("lost, sent again", (*GOOD[:2], "5 lost A", *ALSO), "A again", "delivered", ""),
    ("sent back after signing", (*GOOD, "20 returned A"), "A", "doubtful",
     "lines_missing sent_back"),
    ("intercepted", (*GOOD[:2], "3 intercepted A"), "A", "doubtful", "lines_missing intercepted"),
    ("intercepted too late", (*GOOD, "3 intercepted A"), "A", "delivered", ""),
    ("rerouted outside", (*GOOD[:2], "3 rerouted A outside"), "A", "doubtful",
     "lines_missing rerouted_outside"),
    ("rerouted and back", (*GOOD, "3 rerouted A outside", "4 rerouted A hongshan"), "A",
     "delivered", ""),
    ("address changed in time", (*GOOD[:2], "3 address_changed xiling", "9 signed A xiling"), "A",
     "delivered", ""),
    ("address changed afterwards", (*GOOD, "12 address_changed xiling"), "A", "delivered", ""),
    ("address left Hubei", (*GOOD[:2], "3 address_changed outside"), "A", "doubtful",
     "lines_missing not_signed address_outside"),
    ("an older parcel's way", ("-9 dispatched A", "-8 collected A", "-1 signed A hongshan"), "A",
     "paid", "lines_missing not_dispatched not_collected not_signed"),
    ("it left before the order", ("-1 dispatched A", *GOOD[1:]), "A", "shipping",
     "lines_missing not_dispatched"),
    ("signed at two places", (*GOOD, "10 signed A xiling"), "A", "doubtful",
     "lines_missing wrong_county contradicted"),
]  # fmt: skip


@pytest.mark.requirement("R3.7")
@pytest.mark.requirement("R5.4")
@pytest.mark.parametrize("case", JUDGEMENTS, ids=lambda case: case[0])
def test_what_the_evidence_comes_to(case: tuple[str, tuple[str, ...], str, str, str]) -> None:
    _, said, parcels, stage, findings = case
    judged = judge_order(facts(*said, parcels=parcels))
    assert (judged.stage.value, " ".join(judged.findings)) == (stage, findings)
    assert judged.is_final == (stage == "delivered")


APPROVALS = [
    # approved and closed so many hours after noon; it was dispatched at one -> stage
    (1, 2, Stage.DELIVERED),
    (None, None, Stage.DOUBTFUL),
    (2, None, Stage.DOUBTFUL),
    (0, 1, Stage.DOUBTFUL),
]


@pytest.mark.parametrize(("approved", "closed", "stage"), APPROVALS)
def test_a_warehouse_counts_from_its_approval_until_it_is_closed(
    approved: int | None, closed: int | None, stage: Stage
) -> None:
    warehouse = Warehouse(
        warehouse_id=OURS,
        operator_id=KEEPER,
        open_from=None if approved is None else NOON + timedelta(hours=approved),
        open_until=None if closed is None else NOON + timedelta(hours=closed),
    )
    parcel = Parcel(waybill=FIRST, warehouse=warehouse, lines=((1, 1), (2, 3)))
    assert judge_order(replace(facts(*GOOD), parcels=(parcel,))).stage is stage


def test_a_number_with_two_contents_is_believed_in_neither() -> None:
    good = event(GOOD[2])
    for other in ("9 signed A xiling", "9 lost A"):
        lie = event(other)
        twice = replace(lie, event_ref=good.event_ref)
        for told in permutations([good, twice, *map(event, GOOD[:2])]):
            judged = judge_order(facts(events=told))
            assert [one.value for one in judged.findings] == [
                *("lines_missing", "not_signed", "contradicted")
            ]


# Line 1 is one piece of 400 yuan, line 2 three of 200; 100 yuan of offers leave 900 of 1,000.
# arrived in the parcel | said to have come back | refunded, fen -> stage
BACK: list[tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...], int, Stage]] = [
    (((1, 1),), ((2, 3),), 54_000, Stage.DELIVERED),
    (((1, 1),), ((2, 3),), 53_999, Stage.SHIPPING),
    (((1, 1), (2, 2)), ((2, 1),), 18_000, Stage.DELIVERED),
    (((1, 1), (2, 2)), ((2, 1),), 1, Stage.SHIPPING),
    (((2, 3),), ((1, 1), (1, 1)), 36_000, Stage.DELIVERED),
    (((2, 1),), ((1, 1), (2, 3)), 1, Stage.SHIPPING),
    (((2, 1),), ((1, 1), (2, 3)), 89_999, Stage.SHIPPING),
    (((2, 1),), ((1, 1), (2, 3)), 90_000, Stage.RETURNED),
    (((2, 1),), (), 90_000, Stage.RETURNED),
]


@pytest.mark.requirement("R5.4")
@pytest.mark.parametrize(("arrived", "back", "refunded_fen", "stage"), BACK)
def test_goods_count_as_come_back_once_their_money_came_back(
    arrived: tuple[tuple[int, int], ...],
    back: tuple[tuple[int, int], ...],
    refunded_fen: int,
    stage: Stage,
) -> None:
    said = [
        Event(
            sender_id=PLATFORM,
            event_ref=f"f-{number}",
            content=content_of(number),
            kind=EventKind.GOODS_BACK,
            happened_at=NOON,
            lines=(pieces,),
        )
        for number, pieces in enumerate(back)
    ]
    refunded = Refunded(
        unit_fen={1: 40_000, 2: 20_000},
        order_fen=100_000,
        net_fen=90_000,
        refunded_fen=refunded_fen,
    )
    parcel = Parcel(waybill=FIRST, warehouse=WAREHOUSE, lines=arrived)
    told = (*map(event, GOOD), *said)
    known = replace(facts(), parcels=(parcel,), events=told, refunded=refunded)
    assert judge_order(known).stage is stage
    if stage is not Stage.RETURNED:
        lost = replace(known, events=(*map(event, GOOD[:2]), event("5 lost A"), *said))
        assert judge_order(lost).stage is Stage.DOUBTFUL


_TIES = {"9 lost A", "9 returned B", "2 signed A xiling"}
EVERYTHING = sorted({one for case in JUDGEMENTS for one in case[1]} | _TIES)


@pytest.mark.requirement("R5.4")
@given(st.sets(st.sampled_from(EVERYTHING), max_size=9), st.data())
def test_any_order_and_any_repetition_of_the_same_words_come_to_the_same(
    said: set[str], data: st.DataObject
) -> None:
    words = [event(one) for one in sorted(said)]
    again = data.draw(st.lists(st.sampled_from(words), max_size=6)) if words else []
    shuffled = data.draw(st.permutations([*words, *again]))
    once = judge_order(facts(parcels="A B", events=tuple(words)))
    assert judge_order(facts(parcels="A B", events=tuple(shuffled))) == once


@given(st.sets(st.sampled_from(EVERYTHING), max_size=9))
def test_final_is_only_what_a_second_count_finds_proven(said: set[str]) -> None:
    """The rule said anew: of each parcel a dispatch, a pick-up, and last of all a signature."""
    judged = judge_order(facts(*sorted(said), parcels="A B"))
    since = [one.split() for one in said if not one.startswith("-")]
    words = sorted(since, key=lambda one: (int(one[0]), one[1] == "signed"))
    addresses = [one[2] for one in words if one[1] == "address_changed"]
    if not judged.is_final:
        return
    for parcel in ("A", "B"):
        own = [one for one in words if one[2] == parcel]
        kinds = [one[1] for one in own]
        assert {"dispatched", "collected", "signed"} <= set(kinds)
        road = [one for one in own if one[1] != "dispatched"]
        assert road[-1][1] == "signed"
        assert road[-1][3] in {"hongshan", *addresses}
        assert all(one[3:] != ["other"] for one in own)
        shipped = [int(one[0]) for one in own if one[1] in ("dispatched", "collected")]
        assert max(shipped) <= int(road[-1][0])


HOLDS = [
    # judged, held, settled, lifted by a person -> what follows
    (GOOD, True, False, False, HoldMove.LIFT),
    (GOOD, False, False, False, HoldMove.NOTHING),
    (GOOD[:2], True, False, False, HoldMove.NOTHING),
    (GOOD[:2], False, False, False, HoldMove.PLACE),
    (GOOD[:2], False, True, False, HoldMove.NOTHING),
    (GOOD[:2], False, False, True, HoldMove.NOTHING),
]


@pytest.mark.parametrize(("said", "held", "settled", "by_hand", "move"), HOLDS)
def test_money_waits_exactly_while_the_evidence_does_not_stand(
    said: tuple[str, ...], held: bool, settled: bool, by_hand: bool, move: HoldMove
) -> None:
    judged = judge_order(facts(*said))
    assert decide_hold(judged, is_held=held, is_settled=settled, by_hand=by_hand) is move
    unpaid = judge_order(facts(*said, paid_at=None))
    assert unpaid.stage is Stage.OPENED
    none = decide_hold(unpaid, is_held=False, is_settled=False, by_hand=False)
    assert none is HoldMove.NOTHING


LATENESS = [
    # stage, days since payment, has anything left -> late
    ("paid", 6, False, None),
    ("paid", 7, False, Late.NOT_SHIPPED),
    ("shipping", 7, True, None),
    ("shipping", 15, True, Late.NOT_SIGNED),
    ("doubtful", 15, True, Late.NOT_SIGNED),
    ("delivered", 99, True, None),
    ("returned", 99, False, None),
]


@pytest.mark.parametrize(("stage", "days", "has_left", "late"), LATENESS)
def test_what_is_late_is_listed(stage: str, days: int, has_left: bool, late: Late | None) -> None:
    now = NOON + timedelta(days=days)
    found = late_by(Stage(stage), NOON, OnlineRules(), has_left=has_left, now=now)
    assert found is late
    assert late_by(Stage(stage), None, OnlineRules(), has_left=has_left, now=now) is None
