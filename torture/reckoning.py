"""Afterwards: the history held against the tables, the tables against the books of others.  清点

Whatever was acknowledged is there exactly once, as it was told; what nobody heard of is there at
most once; nothing is there that nobody asked for; and every fen that the house and others disagree
about stands in a case. `reckon` is a function of what it is given and asks nobody.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import datetime
from typing import Any

from huiquan.domain.days import day_number
from huiquan.domain.receipts import milliseconds
from huiquan.domain.rounds import decode_entry
from huiquan.domain.serials import Name, write_name
from simulation.bill_facts import Fact
from torture.books import ACCOUNT, OthersBooks
from torture.history import History, Json
from torture.reckoning_orders import reckon_orders
from torture.tables import Rows, Tables

Row = Mapping[str, Any]

SUMS = ("order_fen", "offers_fen", "net_fen", "discount_fen", "face_fen", "threshold_fen")
PARTS = ("amount_fen", "to_consumer_fen", "to_fund_fen")
NO_MONEY = ("no_file", "changed", "withdrawn")


def reckon(history: History, tables: Tables, books: OthersBooks) -> list[str]:
    """Every promise that a run found broken, in words; an empty list is what it should give."""
    return [
        *history.broken,
        *_draws(history, tables),
        *_till(history, tables),
        *_acquirers(history, tables),
        *_refunds_add_up(tables),
        *_payments(history, tables, books),
        *_files(history, tables),
        *_acquirers_books(tables, books),
        *_banks_book(tables, books),
        *_callbacks(tables, books),
        *reckon_orders(history, tables, books.truth),
    ]


def once_each(
    what: str, rows: Iterable[tuple[str, Row]], told: Mapping[str, Json], asked: Set[str]
) -> Iterator[str]:
    """Acknowledged is there exactly once; unknown at most once; and nothing nobody asked for."""
    times = Counter(key for key, _ in rows)
    for key, count in times.items():
        if count > 1:
            yield f"{what} {key} is there {count} times"
        if key not in asked:
            yield f"{what} {key} is there and nobody asked for it"
    for key in told:
        if key not in times:
            yield f"{what} {key} was acknowledged and is lost"


def as_told(
    what: str, rows: Iterable[tuple[str, Row]], told: Mapping[str, Json], fields: Iterable[str]
) -> Iterator[str]:
    """What is there says what was said."""
    names = tuple(fields)
    for key, row in rows:
        for name in names:
            if key in told and told[key][name] != row[name]:
                yield f"{what} {key}: {name} was told as {told[key][name]} and is {row[name]}"


def _same_time(what: str, key: str, told: str, there: datetime) -> Iterator[str]:
    if milliseconds(datetime.fromisoformat(told)) != milliseconds(there):
        yield f"{what} {key}: was told for {told} and is there for {there.isoformat()}"


def _draws(history: History, tables: Tables) -> Iterator[str]:
    """Registrations, entries and wins."""
    told, asked = history.of("registration"), history.asked_of("registration")
    if not len(told) <= len(tables.registrations) <= len(asked):
        yield f"{len(told)} registered, {len(asked)} asked, {len(tables.registrations)} are there"
    entries = [(str(row["key"]), row) for row in tables.entries]
    told = history.of("entry")
    yield from once_each("entry", entries, told, history.asked_of("entry"))
    for key, row in entries:
        if key in told:
            yield from _entry_as_told(key, told[key], row)
    once_a_day = Counter((row["pid"], row["day"]) for row in tables.entries)
    for (pid, day), count in once_a_day.items():
        if count > 1:
            yield f"{pid.hex()} entered {count} times on {day}"
    wins = [(str(row["key"]), row) for row in tables.vouchers]
    yield from once_each("win", wins, history.of("win"), {key for key, _ in wins})
    yield from as_told("win", wins, history.of("win"), ("face_fen", "threshold_fen", "pack"))


def _entry_as_told(key: str, told: Json, row: Row) -> Iterator[str]:
    entry = decode_entry(bytes.fromhex(told["entry"]))
    for name in ("lane", "idx", "day", "pack", "pid", "client_nonce", "elig"):
        if getattr(entry, name) != row[name]:
            yield f"entry {key}: {name} was told as {getattr(entry, name)} and is {row[name]}"
    if told["cfg_hash"] != row["cfg_hash"].hex():
        yield f"entry {key}: another config than was told"
    yield from _same_time("entry", key, told["entered_at"], row["entered_at"])


def _till(history: History, tables: Tables) -> Iterator[str]:
    """What cashiers were told: redemptions by their payment, refunds by their place."""
    mine = [(row["payment_ref"], row) for row in tables.redemptions if row["acquirer"] is None]
    told = history.of("redemption")
    yield from once_each("redemption", mine, told, history.asked_of("redemption"))
    yield from as_told("redemption", mine, told, SUMS)
    for key, row in mine:
        if key in told:
            yield from _same_time("redemption", key, told[key]["redeemed_at"], row["redeemed_at"])
    refunds = [row for row in tables.refunds if row["acquirer"] is None]
    by_name = [(_name("F", row, row["lock_no"], row["refund_no"]), row) for row in refunds]
    told = {str(one["refund"]): one for one in history.of("refund").values()}
    if len(told) != len(history.of("refund")):
        yield "two refunds were told under one name"
    yield from once_each("refund", by_name, told, {name for name, _ in by_name})
    yield from as_told("refund", by_name, told, PARTS)
    asked = Counter(key.rsplit("/", 1)[0] for key in history.asked_of("refund"))
    there = Counter(_name("R", row, row["lock_no"]) for row in refunds)
    for redemption, count in there.items():
        if count > asked[redemption]:
            yield f"{redemption}: {count} refunds are there, {asked[redemption]} were asked for"
    locks = {_name("L", row, row["lock_no"]): row for row in tables.locks}
    for key, lock in history.of("lock").items():
        if lock["lock"] not in locks:
            yield f"lock {key} ({lock['lock']}) was acknowledged and is lost"
    for lock_name in history.of("unlock"):
        if locks.get(lock_name, {"state": "lost"})["state"] not in ("released", "lapsed"):
            yield f"lock {lock_name} was given up and is {locks.get(lock_name)}"


def _name(letter: str, row: Row, *attempts: int) -> str:
    return write_name(letter, Name(row["campaign_id"], row["lane"], row["idx"], attempts))


def _acquirers(history: History, tables: Tables) -> Iterator[str]:
    """What acquirers were told, by their own numbers."""
    paid = [
        (f"{row['acquirer']}/{row['acquirer_ref']}", row)
        for row in tables.redemptions
        if row["acquirer"] is not None
    ]
    kind = "acquirer redemption"
    yield from once_each(kind, paid, history.of(kind), history.asked_of(kind))
    yield from as_told(kind, paid, history.of(kind), SUMS)
    back = [
        (f"{row['acquirer']}/{row['refund_ref']}", row)
        for row in tables.refunds
        if row["acquirer"] is not None
    ]
    kind = "acquirer refund"
    yield from once_each(kind, back, history.of(kind), history.asked_of(kind))
    yield from as_told(kind, back, history.of(kind), PARTS)
    orders = [(f"{row['acquirer']}/{row['order_ref']}", row) for row in tables.orders]
    asked = history.asked_of("acquirer lock") | history.asked_of("acquirer unlock")
    yield from once_each("acquirer lock", orders, history.of("acquirer lock"), asked)


def _refunds_add_up(tables: Tables) -> Iterator[str]:
    """Fund and customer together get back what the goods were worth, never more than was paid."""
    back: dict[str, list[Row]] = defaultdict(list)
    for row in tables.refunds:
        back[_name("R", row, row["lock_no"])].append(row)
    for row in tables.redemptions:
        name = _name("R", row, row["lock_no"])
        mine = back.pop(name, [])
        fund, customer = (sum(one[part] for one in mine) for part in PARTS[:0:-1])
        amount = sum(one["amount_fen"] for one in mine)
        if fund + customer != amount:
            yield f"{name}: {fund} and {customer} fen came back for goods of {amount}"
        if fund > row["discount_fen"] or customer > row["net_fen"] - row["discount_fen"]:
            yield f"{name}: more came back than was paid: {fund} and {customer} fen"
        if amount == row["net_fen"] and fund != row["discount_fen"]:
            yield f"{name}: all came back, and the fund got {fund} of {row['discount_fen']} fen"
    for name in back:
        yield f"{name} was refunded and never redeemed"


def _payments(history: History, tables: Tables, books: OthersBooks) -> Iterator[str]:
    """Files that were sent, who approved them, what the bank said, and what it truly paid."""
    files = {str(row["file_id"]): row for row in tables.payment_files}
    for number, told in history.of("file").items():
        row = files.get(number)
        if row is None or row["state"] not in ("sent", "accepted", "done"):
            yield f"payment file {number} was sent and is {row and row['state']}"
        elif row["amount_fen"] != told["amount_fen"]:
            yield f"payment file {number} was told as {told['amount_fen']} fen and is {dict(row)}"
    for number, row in files.items():
        if row["state"] in ("sent", "accepted", "done") and number not in history.asked_of("file"):
            yield f"payment file {number} was sent and nobody asked for it"
    given = {(row["subject"].rsplit(":", 1)[-1], row["login"]) for row in tables.approvals}
    for key in history.of("approval"):
        number, login = key.split("/")
        if (number, login) not in given:
            yield f"{login} approved payment file {number}, and it is lost"
    answers = [
        (
            f"{row['file_id']}/{row['ref']}/{row['outcome']}/{row['amount_fen']}/{row['bank_ref']}",
            row,
        )
        for row in tables.answers
    ]
    yield from once_each("answer", answers, history.of("answer"), history.asked_of("answer"))
    for row in tables.payment_lines:
        if row["state"] == "paid" and books.truly_paid.get(row["ref"], 0) < row["amount_fen"]:
            yield f"{row['ref']} stands as paid, and the bank never paid it"


def _files(history: History, tables: Tables) -> Iterator[str]:
    files = [(f"{row['source']}/{row['sha256']}", row) for row in tables.files]
    yield from once_each("bill", files, history.of("bill"), history.asked_of("bill"))


def _acquirers_books(tables: Tables, books: OthersBooks) -> Iterator[str]:
    """Our lines of an acquirer are its own, line by line; a bill that lied has its case."""
    ours = {
        (row["acquirer"], "redeem", row["acquirer_ref"], ""): (
            row["discount_fen"],
            row["net_fen"] - row["discount_fen"],
        )
        for row in tables.redemptions
        if row["acquirer"]
    }
    ours |= {
        (row["acquirer"], "refund", row["acquirer_ref"], row["refund_ref"]): (
            -row["to_fund_fen"],
            -row["to_consumer_fen"],
        )
        for row in tables.refunds
        if row["acquirer"]
    }
    theirs = {
        (code, one.kind, one.ref, one.sub): (one.amount_fen, one.paid_fen)
        for code, facts in books.acquirers.items()
        for one in facts
    }
    for key in ours.keys() | theirs.keys():
        if ours.get(key) != theirs.get(key):
            yield f"{'/'.join(key)}: ours is {ours.get(key)}, the acquirer's {theirs.get(key)}"
    for (code, day), told in books.bills.items():
        known = [one for one in books.acquirers[code] if day_number(one.day) == day]
        apart_fen = _sum(known) - _sum(told)
        cased_fen = _in_cases(tables, "acquirer", code, day)
        if apart_fen != cased_fen:
            yield f"{code} {day}: the bill is {apart_fen} fen off, cases say {cased_fen}"


def _sum(facts: Iterable[Fact]) -> int:
    return sum(one.amount_fen for one in facts)


def _in_cases(tables: Tables, book: str, source: str, day: int | None = None) -> int:
    """Ours less theirs, as far as cases say so."""
    mine: Rows = [
        row
        for row in tables.cases
        if (row["book"], row["source"]) == (book, source) and row["kind"] not in NO_MONEY
    ]
    ours: int = sum(row["ours_fen"] for row in mine if day in (None, row["ours_day"]))
    theirs: int = sum(row["theirs_fen"] for row in mine if day in (None, row["theirs_day"]))
    return ours - theirs


def _banks_book(tables: Tables, books: OthersBooks) -> Iterator[str]:
    """The account in our book is the bank's, or cases say what of it is not, to the fen."""
    if not books.statement:
        return
    last = day_number(max(one.day for one in books.statement))
    moved_fen = 0
    paid: Counter[str] = Counter()
    for row in tables.transfers:
        if row["day"] <= last and "bank" in (row["debit"], row["credit"]):
            sign = 1 if row["debit"] == "bank" else -1
            moved_fen += sign * row["amount_fen"]
        if row["kind"] in ("pay", "pay_back"):
            paid[row["ref"]] += row["amount_fen"] * (1 if row["kind"] == "pay" else -1)
    apart_fen = moved_fen - _sum(books.statement)
    cased_fen = _in_cases(tables, "bank", ACCOUNT)
    if apart_fen != cased_fen:
        yield f"the account is {apart_fen} fen off the bank's statement, cases say {cased_fen}"
    cased = {row["ref"] for row in tables.cases if row["book"] == "bank"}
    for ref in paid.keys() | books.truly_paid.keys():
        if paid[ref] != books.truly_paid.get(ref, 0) and ref not in cased:
            yield (
                f"{ref}: {paid[ref]} fen paid by our book, "
                f"{books.truly_paid.get(ref, 0)} by the bank's, and no case says so"
            )


def _callbacks(tables: Tables, books: OthersBooks) -> Iterator[str]:
    """Each deed was told to its acquirer, who heard it, or it is known to wait."""
    for row in tables.callbacks:
        if row["acknowledged_at"] is not None and row["event"] not in books.heard:
            yield f"callback {row['event']} stands as heard, and nobody heard it"
        if row["parked_at"] is not None:
            yield f"callback {row['event']} was given up"
    for event in books.heard - {row["event"] for row in tables.callbacks}:
        yield f"callback {event} was heard, and nothing happened"
