"""Drills at the acquirer's door, with its bill, its book, and what a log gives away.  收单演练"""

import contextlib
import io
import json
from collections import Counter
from datetime import date
from typing import Any

import httpx

from huiquan.actions.bill_acquirer import SignedBill, bill_acquirer
from huiquan.actions.close_case import close_case
from huiquan.actions.import_bill import BillSent, BillTaken, import_bill
from huiquan.actions.reconcile_day import reconcile_day
from huiquan.db.imported_books import Source
from huiquan.domain.bill_mappings import Book
from huiquan.domain.cases import Cause
from huiquan.domain.refusals import Refusal
from tests.acquirers import lock, redeem
from tests.bugs.drills_till import order_of
from tests.bugs.stage import Stage
from tests.drawn import night, tell_everyone
from tests.houses import ask_code, person, registration, visit
from tests.shops import Winner, fen

OURS = Source(campaign_id=1, book=Book.ACQUIRER, name="wepay")
DAY = "/acquirer/v1"


async def sold(stage: Stage, client: httpx.AsyncClient, who: Winner, number: int) -> dict[str, Any]:
    """Sell over the acquirer's door under its own numbers."""
    at, ref, order_fen = stage.place.machine, f"p-{number}", order_of(who)
    yuan = f"{order_fen // 100}"
    assert fen(yuan) == order_fen
    taken = await lock(client, at, who, f"o-{number}", yuan)
    to_pay_fen = order_fen - who.voucher.face_fen
    assert taken["to_pay_fen"] == to_pay_fen, taken
    stage.asked["redeem"].add(ref)
    answer = await redeem(client, at, f"o-{number}", ref, to_pay_fen)
    stage.expect(answer.status_code == 201, f"history a sale was answered {answer.status_code}")
    told: dict[str, Any] = answer.json()
    before = stage.told["redeem"].setdefault(ref, told)
    stage.expect(before == told, "history the same redeem was answered otherwise")
    return told


async def taken_back(
    stage: Stage, client: httpx.AsyncClient, number: int, amount_fen: int, ref: str
) -> dict[str, Any]:
    """Take goods back over the acquirer's door."""
    stage.asked["refund"].add(ref)
    answer = await stage.place.machine.post(
        client, "refunds", refund_ref=ref, payment_ref=f"p-{number}", amount_fen=amount_fen
    )
    stage.expect(answer.status_code == 201, f"history a refund was answered {answer.status_code}")
    told: dict[str, Any] = answer.json()
    stage.told["refund"][ref] = told
    return told


async def door_story(stage: Stage) -> None:
    """Two sales and a refund; each is in the acquirer's own book, once, and in its bill."""
    first, second = stage.winner(), stage.winner()
    async with visit(stage.house) as client:
        paid = [await sold(stage, client, first, 1), await sold(stage, client, second, 2)]
        back = await taken_back(stage, client, 1, paid[0]["net_fen"] // 3, "f-1")
    await tell_everyone(stage.house)
    day = stage.house.clock.now.date()
    heard = Counter(event for event, _ in stage.place.ears.heard)
    kinds = Counter(event.split("/")[0] for event in heard)
    is_told = (kinds["redeemed"], kinds["refunded"]) == (2, 1) and set(heard.values()) == {1}
    stage.expect(is_told, "books the acquirer was not told of each deed")
    own = {
        ("redeem", "p-1", ""): paid[0]["discount_fen"],
        ("redeem", "p-2", ""): paid[1]["discount_fen"],
    }
    own |= {("refund", "p-1", "f-1"): back["to_fund_fen"]}
    await stage.do(night(stage.place))
    made = await bill_acquirer(stage.app, "wepay", day)
    assert isinstance(made, SignedBill), made
    lines = [line.split(",") for line in made.bill.csv.decode().splitlines()[1:]]
    told = {(line[0], line[1], line[2]): int(line[6]) for line in lines}
    stage.expect(told == own, "books the bill is not what the acquirer sold")


async def deaf_acquirer(stage: Stage) -> None:
    """The acquirer's machine is away when it is told, and hears it when it is back."""
    async with visit(stage.house) as client:
        await sold(stage, client, stage.winner(), 1)
    stage.place.ears.away = True
    await tell_everyone(stage.house)
    stage.place.ears.away = False
    stage.house.clock.move(minutes=4)
    await tell_everyone(stage.house)
    events = Counter(event.split("/")[0] for event, _ in stage.place.ears.heard)
    stage.expect(events["redeemed"] == 1, "books the acquirer was not told of each deed")


async def replayed_and_forged(stage: Stage) -> None:
    """A request is sent again as it was, and with a body that only reads the same."""
    at = stage.place.machine
    async with visit(stage.house) as client:
        await sold(stage, client, stage.winner(), 1)
        target, body = (
            f"{DAY}/refunds",
            b'{"refund_ref":"f-1","payment_ref":"p-1","amount_fen":800}',
        )
        stage.asked["refund"] |= {"f-1"}
        headers = at.headers("POST", target, body)
        forged = body.replace(b",", b", ")
        wrong = await client.post(target, content=forged, headers=headers)
        stage.expect(wrong.status_code == 401, "history a body was taken that nobody signed")
        right = await client.post(target, content=body, headers=at.headers("POST", target, body))
        stage.expect(right.status_code == 201, "history a signed request was not heard")
        if right.status_code == 201:
            stage.told["refund"]["f-1"] = right.json()
        headers = at.headers("GET", f"{DAY}/orders/o-1", b"")
        answers = [await client.get(f"{DAY}/orders/o-1", headers=headers) for _ in range(2)]
        is_refused = answers[1].json().get("code") == "request_replayed"
        stage.expect(answers[0].status_code == 200, "history a signed request was not heard")
        stage.expect(is_refused, "history one signed request was heard twice")


async def closed_rail(stage: Stage) -> None:
    """A store that stopped taking the acquirer's rail an hour ago."""
    await stage.place.owner.execute("update store_rails set open_until = $1", stage.house.clock.now)
    stage.house.clock.move(hours=1)
    who = stage.winner()
    async with visit(stage.house) as client:
        try:
            await lock(client, stage.place.machine, who, "o-1", f"{order_of(who) // 100}")
        except AssertionError as refused:
            is_named = "rail_not_here" in str(refused)
            stage.expect(is_named, "history a rail was refused for another reason")
        else:
            stage.expect(False, "history a rail was taken that the store does not take")


async def bill_with_a_lie(stage: Stage) -> None:
    """The acquirer's bill comes twice and leaves a sale out; two people explain the difference."""
    async with visit(stage.house) as client:
        await sold(stage, client, stage.winner(), 1)
        await sold(stage, client, stage.winner(), 2)
    day = stage.house.clock.now.date()
    await stage.do(night(stage.place))
    made = await bill_acquirer(stage.app, "wepay", day)
    assert isinstance(made, SignedBill), made
    raw = b"".join(line for line in made.bill.csv.splitlines(keepends=True) if b",p-2," not in line)
    files = [await brought(stage, day, raw) for _ in range(2)]
    stage.expect(
        (files[0].is_new, files[1].is_new) == (True, False), "history a file counted twice"
    )
    await stage.do(reconcile_day(stage.app, OURS, day))
    listed = await stage.place.owner.fetch("select case_id, kind, ref from cases")
    stage.expect(
        [(row["kind"], row["ref"]) for row in listed] == [("missing", "p-2")],
        "books a sale that the acquirer left out is in no case",
    )
    for row in listed:
        await explained(stage, row["case_id"])
    stage.house.clock.now = stage.house.clock.now.replace(hour=13)


async def explained(stage: Stage, case_id: int) -> None:
    """One person explains a case, and again; another one without a word, and then with some."""

    async def say(reason: str, by: str) -> object:
        return await stage.do(close_case(stage.app, case_id, Cause.THEIR_ERROR, reason, by))

    await say("omitted", "payer")
    again = await say("omitted", "payer")
    stage.expect(again is Refusal.SAME_PERSON, "history one person alone closed a case")
    said = await say(" ", "approver")
    stage.expect(said is Refusal.MALFORMED, "history a case was closed without a reason")
    await say("omitted", "approver")


async def brought(stage: Stage, day: date, raw: bytes) -> BillTaken:
    """Import the acquirer's bill."""
    bill = BillSent(campaign=stage.code, source=OURS.name, mapping="house", day=day, raw=raw)
    taken = await stage.do(import_bill(stage.app, bill, "test"))
    assert isinstance(taken, BillTaken), taken
    return taken


async def secrets_in_a_log(stage: Stage) -> None:
    """Somebody registers while the identity authority is away; what is written names nobody."""
    who, written = person(7), io.StringIO()
    stage.house.identity.is_away = True
    with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
        async with visit(stage.house) as client:
            await ask_code(client, stage.place.campaign, who)
            body = registration(stage.house, stage.place.campaign, who)
            answer = await client.post("/api/v1/registrations", json=body)
    assert answer.status_code in (201, 503), answer.text
    for secret in (who.name, who.number, who.phone):
        known = (secret, json.dumps(secret).strip('"'))
        stage.expect(
            not any(one in written.getvalue() for one in known), "books a log names a person"
        )


DOOR_DRILLS = (
    door_story,
    deaf_acquirer,
    replayed_and_forged,
    closed_rail,
    bill_with_a_lie,
    secrets_in_a_log,
)
