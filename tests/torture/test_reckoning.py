"""The reckoning sees every kind of violation, each in a run that is made up and otherwise good."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.torture.forged import AT, BACK, DAY, EVENT, ORDERED_FEN, REF, Run, case, good_run
from torture.history import History, read_history
from torture.proofs import story_flaws

Spoil = Callable[[Run], Any]


def put(table: str, place: int, **fields: Any) -> Spoil:
    """Change a row."""
    return lambda run: run.rows[table][place].update(fields)


def drop(table: str, place: int = 0) -> Spoil:
    """Lose a row."""
    return lambda run: run.rows[table].pop(place)


def double(table: str, place: int = 0) -> Spoil:
    """A row is there twice."""
    return lambda run: run.rows[table].append(dict(run.rows[table][place]))


def never_asked(kind: str) -> Spoil:
    """Nobody asked for it, nobody was told; it is there all the same."""

    def forget(run: Run) -> None:
        run.history.asked.pop(kind)
        run.history.told.pop(kind, None)

    return forget


def books(**changed: Any) -> Spoil:
    """Other people's books say something else."""
    return lambda run: run.books.update(changed)


def one_more_refund(run: Run) -> None:
    """A refund that nobody asked for, at the till."""
    run.rows["refunds"].append({**run.rows["refunds"][0], "refund_no": 2})


def bill_off_by(fen: int) -> Spoil:
    """The bill told another amount than the acquirer knows."""

    def change(run: Run) -> None:
        told = run.books["bills"][("wepay", DAY)]
        told[0] = replace(told[0], amount_fen=told[0].amount_fen + fen)

    return change


SPOILT: dict[str, tuple[Spoil, str]] = {
    "a word about a parcel is lost": (drop("order_events"), "event e-proven was acknowledged"),
    "a word about a parcel is kept twice": (double("order_events"), "e-proven is kept 2 times"),
    "a forged word was taken": (
        lambda run: run.books["truth"].asked.discard("e-doubtful"),
        "event e-doubtful is there and nobody said it",
    ),
    "a parcel is lost": (drop("order_parcels"), "parcel W-proven was acknowledged"),
    "a parcel nobody declared": (never_asked("parcel"), "nobody declared it"),
    "an order is final with a lie in its evidence": (
        put("online_orders", 1, stage="delivered"),
        "order doubtful is delivered",
    ),
    "a proven order is not final": (
        put("online_orders", 0, stage="shipping"),
        "its whole way was proven",
    ),
    "an order of which nobody spoke is final": (
        lambda run: run.books["truth"].rides.pop("W-proven"),
        "nothing was said of it",
    ),
    "money is settled without evidence": (
        put("online_orders", 1, settled_fen=15_000),
        "15000 fen were settled without evidence",
    ),
    "the carrier was refused what it may say": (
        lambda run: run.books["truth"].contradictions.append("signed: 403"),
        "signed: 403",
    ),
    "a rule seen broken on the way": (
        lambda run: run.history.break_rule("GET /x: 500"),
        "GET /x: 500",
    ),
    "a registration is lost": (drop("registrations"), "registered"),
    "a registration too many": (double("registrations"), "registered"),
    "an entry is lost": (drop("entries"), "entry draw-1 was acknowledged and is lost"),
    "an entry is there twice": (double("entries"), "entry draw-1 is there 2 times"),
    "two entries on a day under two keys": (
        lambda run: run.rows["entries"].append({**run.rows["entries"][0], "key": "draw-2"}),
        "entered 2 times",
    ),
    "an entry nobody asked for": (never_asked("entry"), "nobody asked for it"),
    "an entry in another pack": (put("entries", 0, pack=2), "pack was told as 3"),
    "an entry at another place": (put("entries", 0, idx=9), "idx was told as 7"),
    "an entry under another config": (put("entries", 0, cfg_hash=bytes(32)), "another config"),
    "an entry at another time": (
        put("entries", 0, entered_at=AT.replace(second=1)),
        "was told for",
    ),
    "a shown voucher is lost": (drop("vouchers"), "win V1 was acknowledged and is lost"),
    "a voucher is there twice": (double("vouchers"), "win V1 is there 2 times"),
    "a voucher of another face": (put("vouchers", 0, face_fen=1), "face_fen was told"),
    "a redemption is lost": (drop("redemptions"), "redemption PAY-1 was acknowledged and is lost"),
    "a redemption is there twice": (double("redemptions"), "redemption PAY-1 is there 2 times"),
    "a redemption nobody asked for": (never_asked("redemption"), "nobody asked for it"),
    "a redemption of other sums": (put("redemptions", 0, discount_fen=19_999), "discount_fen"),
    "a redemption at another time": (
        put("redemptions", 0, redeemed_at=AT.replace(hour=11)),
        "redemption PAY-1: was told for",
    ),
    "a refund at the till is lost": (drop("refunds"), "refund F"),
    "a refund at the till is made twice": (one_more_refund, "2 refunds are there, 1 were asked"),
    "a refund of another amount": (
        put("refunds", 0, amount_fen=30_001, to_consumer_fen=24_001),
        "amount_fen was told",
    ),
    "a refund that does not add up": (put("refunds", 0, to_fund_fen=5_999), "came back for goods"),
    "more comes back than was paid": (
        put("refunds", 1, amount_fen=45_000, to_fund_fen=21_000),
        "more came back than was paid",
    ),
    "all comes back and the fund is short": (
        put("refunds", 1, amount_fen=100_000, to_fund_fen=19_999, to_consumer_fen=80_001),
        "all came back",
    ),
    "a refund without a redemption": (put("refunds", 0, idx=99), "never redeemed"),
    "a lock is lost": (drop("locks"), "lock lock-1"),
    "a lock that was given up is still open": (
        lambda run: run.tell("unlock", run.history.of("lock")["lock-1"]["lock"], {}),
        "was given up",
    ),
    "an acquirer's redemption is lost": (
        drop("redemptions", 1),
        "acquirer redemption wepay/p1 was acknowledged and is lost",
    ),
    "an acquirer's redemption is there twice": (double("redemptions", 1), "is there 2 times"),
    "an acquirer's refund is lost": (
        drop("refunds", 1),
        "acquirer refund wepay/f1 was acknowledged and is lost",
    ),
    "an acquirer's order is lost": (drop("orders"), "acquirer lock wepay/o1"),
    "an order nobody sent": (never_asked("acquirer lock"), "nobody asked for it"),
    "ours is not the acquirer's": (
        put("redemptions", 1, net_fen=100_001, order_fen=100_001),
        "ours is (20000, 80001)",
    ),
    "the acquirer knows of a payment we do not": (
        lambda run: run.books["acquirers"]["wepay"].append(
            replace(run.books["acquirers"]["wepay"][0], ref="p2")
        ),
        "ours is None",
    ),
    "a wrong bill without a case": (bill_off_by(100), "the bill is -100 fen off, cases say 0"),
    "a case for a bill that is right": (
        lambda run: run.rows["cases"].append(case("acquirer", 20_000, 0)),
        "the bill is 0 fen off, cases say 20000",
    ),
    "a file that was sent is not": (put("payment_files", 0, state="approved"), "was sent and is"),
    "a file of another amount": (put("payment_files", 0, amount_fen=1), "was told as"),
    "a file nobody sent": (never_asked("file"), "nobody asked for it"),
    "an approval is lost": (drop("approvals"), "approved payment file 1, and it is lost"),
    "an answer of the bank is lost": (drop("answers"), "answer 1/"),
    "an answer is kept twice": (double("answers"), "is there 2 times"),
    "booked as paid and never paid": (books(truly_paid={}), "the bank never paid it"),
    "the bank paid more than we know": (
        books(truly_paid={REF: 2 * ORDERED_FEN}),
        "and no case says so",
    ),
    "the account is not the bank's": (
        put("transfers", 1, amount_fen=ORDERED_FEN - 1),
        "the account is 1 fen off",
    ),
    "a case that explains nothing": (
        lambda run: run.rows["cases"].append(case("bank", 0, 5)),
        "cases say -5",
    ),
    "an imported bill is lost": (drop("files"), "bill wepay/abc was acknowledged and is lost"),
    "a bill was imported twice": (double("files"), "bill wepay/abc is there 2 times"),
    "a callback was given up": (put("callbacks", 0, parked_at=AT), "was given up"),
    "a callback nobody heard": (books(heard=frozenset()), "nobody heard it"),
    "a callback without a deed": (books(heard=frozenset({EVENT, "x"})), "nothing happened"),
    "two different answers to one question": (
        lambda run: run.history.acknowledge("redemption", "PAY-1", {"net_fen": 1}),
        "became",
    ),
}


def test_a_good_run_is_found_good() -> None:
    assert good_run().reckon() == []


def test_what_was_asked_and_never_told_may_be_there_or_not() -> None:
    run = good_run()
    for kind in ("entry", "redemption", "acquirer lock", "file"):
        run.history.ask(kind, "unknown")
    assert run.reckon() == []
    for kind in ("registration", "redemption", "refund", "file", "approval", "answer"):
        run.history.told.pop(kind)
    assert run.reckon() == []


def test_a_wrong_bill_with_its_case_is_explained() -> None:
    run = good_run()
    bill_off_by(100)(run)
    run.rows["cases"].append(case("acquirer", 20_000, 20_100))
    run.books["truly_paid"] = {REF: 2 * ORDERED_FEN}
    run.rows["cases"].append(case("bank", 0, 0))
    assert run.reckon() == []


@pytest.mark.parametrize("name", SPOILT)
def test_each_kind_of_violation_is_seen(name: str) -> None:
    spoil, said = SPOILT[name]
    run = good_run()
    spoil(run)
    found = run.reckon()
    assert any(said in one for one in found), found


def test_a_history_is_read_again_as_it_was_written(tmp_path: Path) -> None:
    kept = History(tmp_path / "history.jsonl")
    kept.ask("entry", "a")
    kept.ask("entry", "b")
    kept.acknowledge("entry", "a", {"idx": 1, "name": "惠券"})
    kept.acknowledge("entry", "a", {"idx": 2, "name": "惠券"})
    kept.give_up("code")
    kept.close()
    again = read_history(tmp_path / "history.jsonl")
    assert (again.asked, again.told, again.gave_up) == (kept.asked, kept.told, kept.gave_up)
    assert again.broken == kept.broken != []
    assert again.of("entry") == {"a": {"idx": 1, "name": "惠券"}}


def test_the_story_at_a_till_shows_each_refund_once_and_no_other() -> None:
    history = History()
    paid = {
        "redemption": "R1",
        "redeemed_at": "then",
        "order_fen": 10,
        "net_fen": 10,
        "discount_fen": 2,
        "to_pay_fen": 8,
    }
    history.acknowledge("redemption", "PAY", paid)
    history.ask("refund", "R1/0")
    history.acknowledge("refund", "R1/0", {**BACK, "refund": "F1"})
    shown = [{**BACK, "refund": "F1"}]
    story = {**paid, "refunds": shown, "refunded_fen": BACK["amount_fen"]}
    assert list(story_flaws(history, "PAY", story)) == []
    for change in (
        {"net_fen": 11},
        {"refunds": [], "refunded_fen": 0},
        {"refunds": shown * 2, "refunded_fen": 2 * BACK["amount_fen"]},
        {"refunded_fen": 1},
    ):
        assert list(story_flaws(history, "PAY", {**story, **change})) != [], change


def test_an_empty_house_is_short_of_everything_that_others_know() -> None:
    nothing = {
        "acquirers": {},
        "bills": {},
        "statement": [],
        "truly_paid": {},
        "heard": frozenset(),
    }
    assert Run(books=nothing).reckon() == []
    assert Run(books=good_run().books).reckon() != []
