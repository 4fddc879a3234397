"""A small run that went well, made up to the last field: for a reckoning that must see each wrong.

One person drew twice and won, paid once at a cashier's till and once by an acquirer, and brought
goods back of both; one payment file was sent, approved by two and paid by the bank.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from huiquan.domain.days import SHANGHAI
from huiquan.domain.rounds import Entry, encode_entry
from huiquan.domain.serials import Name, write_name
from simulation.bill_facts import Fact
from simulation.carrier import Lie, Ride, Truth
from torture.books import ACCOUNT, OthersBooks
from torture.history import History
from torture.reckoning import reckon
from torture.tables import Tables

DAY, DATE = 20260206, date(2026, 2, 6)
AT = datetime(2026, 2, 6, 10, 30, 0, 123456, SHANGHAI)
PID, NONCE, ELIG, CFG = bytes(16), bytes(range(16)), bytes(32), bytes(31) + b"\1"
TILL, RAIL = Name(1, 0, 7, (1,)), Name(1, 0, 8, (1,))
SUMS = {
    "order_fen": 100_000,
    "offers_fen": 0,
    "net_fen": 100_000,
    "discount_fen": 20_000,
    "face_fen": 20_000,
    "threshold_fen": 100_000,
}
BACK = {"amount_fen": 30_000, "to_consumer_fen": 24_000, "to_fund_fen": 6_000}
REF, BANK_REF, ORDERED_FEN = f"{DAY}-1", "B001", 14_000
EVENT = "redeemed/R1"


@dataclass
class Run:
    """Everything a reckoning looks at, to be spoilt in one place."""

    history: History = field(default_factory=History)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    books: dict[str, Any] = field(default_factory=dict)

    def reckon(self) -> list[str]:
        """What is found wrong with it."""
        return reckon(self.history, Tables(**self.rows), OthersBooks(**self.books))

    def tell(self, kind: str, key: str, answer: dict[str, Any]) -> None:
        """Asked, and acknowledged."""
        self.history.ask(kind, key)
        self.history.acknowledge(kind, key, answer)


def good_run() -> Run:
    """A run in which nothing is wrong."""
    run = Run()
    _drawn(run)
    _at_the_till(run)
    _by_the_acquirer(run)
    _online(run)
    _paid(run)
    return run


def _drawn(run: Run) -> None:
    entry = Entry(lane=0, day=DAY, idx=7, pack=3, pid=PID, client_nonce=NONCE, elig=ELIG)
    fields = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    row = {**fields, "key": "draw-1", "cfg_hash": CFG, "entered_at": AT}
    said = {"entry": encode_entry(entry).hex(), "cfg_hash": CFG.hex(), "promise": 60}
    run.tell("registration", "1", {})
    run.tell("entry", "draw-1", {**said, "entered_at": AT.isoformat()})
    run.rows |= {"registrations": [{"pid": PID}], "entries": [row]}
    won = {"face_fen": 20_000, "threshold_fen": 100_000, "pack": 3}
    run.tell("win", "V1", {"serial": "V1", **won})
    run.rows["vouchers"] = [{"key": "V1", **won}]


def _row(name: Name, **fields: Any) -> dict[str, Any]:
    where = {"campaign_id": name.campaign_id, "lane": name.lane, "idx": name.idx}
    return {**where, "lock_no": name.attempts[0], **fields}


def _at_the_till(run: Run) -> None:
    redemption, lock = write_name("R", TILL), write_name("L", TILL)
    refund = write_name("F", Name(*TILL[:3], (1, 1)))
    run.tell("lock", "lock-1", {"lock": lock})
    paid = {**SUMS, "redemption": redemption, "redeemed_at": AT.isoformat()}
    run.tell("redemption", "PAY-1", paid)
    run.tell("refund", f"{redemption}/0", {**BACK, "refund": refund})
    nobody = {"acquirer": None, "acquirer_ref": None}
    run.rows |= {
        "locks": [_row(TILL, state="redeemed"), _row(RAIL, state="redeemed")],
        "redemptions": [_row(TILL, **SUMS, **nobody, payment_ref="PAY-1", redeemed_at=AT)],
        "refunds": [_row(TILL, **BACK, **nobody, refund_no=1, refund_ref=None)],
    }


def _by_the_acquirer(run: Run) -> None:
    run.tell("acquirer lock", "wepay/o1", {"lock": write_name("L", RAIL)})
    run.tell("acquirer redemption", "wepay/p1", {**SUMS, "redeemed_at": AT.isoformat()})
    run.tell("acquirer refund", "wepay/f1", dict(BACK))
    mine = {"acquirer": "wepay", "acquirer_ref": "p1"}
    run.rows["orders"] = [_row(RAIL, acquirer="wepay", order_ref="o1")]
    run.rows["redemptions"].append(_row(RAIL, **SUMS, **mine, payment_ref="x", redeemed_at=AT))
    run.rows["refunds"].append(_row(RAIL, **BACK, **mine, refund_no=1, refund_ref="f1"))
    facts = [
        Fact(kind="redeem", ref="p1", amount_fen=20_000, paid_fen=80_000, at=AT, day=DATE),
        Fact(
            kind="refund", ref="p1", sub="f1", amount_fen=-6_000, paid_fen=-24_000, at=AT, day=DATE
        ),
    ]
    run.books |= {"acquirers": {"wepay": facts}, "bills": {("wepay", DAY): list(facts)}}
    run.tell("bill", "wepay/abc", {"file": 1})
    run.rows["files"] = [{"source": "wepay", "sha256": "abc"}]
    run.rows["cases"] = []
    run.rows["callbacks"] = [{"event": EVENT, "acknowledged_at": AT, "parked_at": None}]
    run.books["heard"] = frozenset({EVENT})


def _online(run: Run) -> None:
    """Two orders: one whose way was proven, and one that was signed for in the wrong county."""
    truth = Truth()
    for ref, lie in (("proven", None), ("doubtful", Lie.WRONG_COUNTY)):
        ride = Ride(order_ref=ref, waybill=f"W-{ref}", warehouse="wh", county="420111")
        truth.rides[ride.waybill] = ride
        if lie:
            truth.lies[ride.waybill] = lie
        run.tell("parcel", ride.waybill, {})
        truth.asked.add(f"e-{ref}")
        truth.taken[f"e-{ref}"] = {b"signed"}
    sums = {"net_fen": 60_000, "refunded_fen": 0, "paid_at": AT}
    run.books["truth"] = truth
    run.rows |= {
        "online_orders": [
            {"order_ref": "proven", "stage": "delivered", "settled_fen": 15_000, **sums},
            {"order_ref": "doubtful", "stage": "doubtful", "settled_fen": 0, **sums},
        ],
        "order_parcels": [{"waybill": "W-proven"}, {"waybill": "W-doubtful"}],
        "order_events": [
            {"event_ref": "e-proven", "waybill": "W-proven"},
            {"event_ref": "e-doubtful", "waybill": "W-doubtful"},
        ],
    }


def _paid(run: Run) -> None:
    run.tell("file", "1", {"amount_fen": ORDERED_FEN})
    for login in ("payer", "approver"):
        run.tell("approval", f"1/{login}", {})
    run.tell("answer", f"1/{REF}/paid/{ORDERED_FEN}/{BANK_REF}", {})
    said = {"outcome": "paid", "amount_fen": ORDERED_FEN, "bank_ref": BANK_REF}
    pay = {"kind": "pay", "debit": "settling", "credit": "bank", "ref": REF, "day": DAY}
    come = {"kind": "appropriate", "debit": "bank", "credit": "pool", "ref": "a", "day": DAY}
    run.rows |= {
        "payment_files": [{"file_id": 1, "state": "done", "amount_fen": ORDERED_FEN}],
        "approvals": [{"subject": "payment_file:1", "login": one} for one in ("payer", "approver")],
        "answers": [{"file_id": 1, "ref": REF, **said}],
        "payment_lines": [{"ref": REF, "state": "paid", "amount_fen": ORDERED_FEN}],
        "transfers": [{**come, "amount_fen": 10**9}, {**pay, "amount_fen": ORDERED_FEN}],
    }
    run.books |= {
        "statement": [
            Fact(kind="in", ref="", amount_fen=10**9, at=AT, day=DATE),
            Fact(kind="out", ref=REF, amount_fen=-ORDERED_FEN, at=AT, day=DATE),
        ],
        "truly_paid": {REF: ORDERED_FEN},
    }


def case(book: str, ours_fen: int, theirs_fen: int, kind: str = "amount") -> dict[str, Any]:
    """A difference that the house has found by itself."""
    return {
        "book": book,
        "source": "wepay" if book == "acquirer" else ACCOUNT,
        "kind": kind,
        "ref": REF,
        "ours_fen": ours_fen,
        "theirs_fen": theirs_fen,
        "ours_day": DAY,
        "theirs_day": DAY,
    }
