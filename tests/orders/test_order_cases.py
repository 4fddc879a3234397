"""Orders in doubt or late: somebody's case, decided by people, or mended by what comes later."""

from datetime import UTC, datetime
from typing import Any

import pytest

from huiquan.actions.lift_hold import lift_hold
from huiquan.actions.run_checks import run_checks
from huiquan.actions.settle_day import settle_day
from huiquan.db.connection import Database
from huiquan.domain.cases import CaseState
from huiquan.domain.order_cases import (
    OrderCase,
    OrderDecision,
    OrderTrouble,
    Ruling,
    decide_order_case,
)
from huiquan.domain.refusals import Refusal
from huiquan.jobs.tasks import case
from tests.houses import CAMPAIGN, House, make_house, publish, visit
from tests.online import DONGCHENG, bought, declared, delivered, holds, tell, trade

PAY, REFUSE = OrderDecision.PAY, OrderDecision.REFUSE
OPEN, PROPOSED, CLOSED = CaseState.OPEN, CaseState.PROPOSED, CaseState.CLOSED

DECIDED: list[tuple[CaseState, str | None, OrderDecision, str, str, bool | Refusal]] = [
    # stands     proposed by  decision  reason      by      final, or why not
    (OPEN,       None,        PAY,      "seen",     "ops",  False),
    (OPEN,       None,        REFUSE,   "no proof", "ops",  True),
    (OPEN,       None,        PAY,      "  ",       "ops",  Refusal.MALFORMED),
    (OPEN,       None,        PAY,      "x" * 501,  "ops",  Refusal.MALFORMED),
    (PROPOSED,   "ops",       PAY,      "seen",     "dept", True),
    (PROPOSED,   "ops",       PAY,      "seen",     "ops",  Refusal.SAME_PERSON),
    (PROPOSED,   "ops",       REFUSE,   "no proof", "ops",  True),
    (CLOSED,     "ops",       PAY,      "seen",     "dept", Refusal.CASE_CLOSED),
]  # fmt: skip


@pytest.mark.requirement("R5.4")
@pytest.mark.parametrize(("state", "proposed", "decision", "reason", "by", "expected"), DECIDED)
def test_who_may_decide_an_orders_case(
    state: CaseState,
    proposed: str | None,
    decision: OrderDecision,
    reason: str,
    by: str,
    expected: bool | Refusal,
) -> None:
    one = OrderCase(
        case_id=1,
        campaign_id=1,
        acquirer_id=1,
        order_ref="o",
        why=OrderTrouble.DOUBTFUL,
        state=state,
        opened_at=datetime(2026, 2, 6, tzinfo=UTC),
        proposed_by=proposed,
    )
    ruling = decide_order_case(one, decision, reason, by)
    if isinstance(expected, Refusal):
        assert ruling is expected
    else:
        assert ruling == Ruling(decision=decision, reason=reason, by=by, is_final=expected)


async def people(house: House, client: Any) -> dict[str, dict[str, str]]:
    """The two officials of the trade, signed in."""
    found = {}
    for login in ("ops", "dept"):
        told = await client.post(
            "/api/v1/console/sessions", json={"login": login, "password": "a long password"}
        )
        assert told.status_code == 201, told.text
        found[login] = {"authorization": f"Bearer {told.json()['token']}"}
    return found


@pytest.mark.requirement("R5.4")
async def test_an_order_in_doubt_is_somebodys_case_until_two_people_let_it_be_paid(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at = await trade(house, campaign)
    async with visit(house) as client:
        paid, refused, late = [await bought(client, at, lane=n) for n in range(3)]
        for one, waybill in ((paid, "W1"), (refused, "W2"), (late, "W3")):
            await declared(client, at, one.ref, waybill)
        for waybill in ("W1", "W2"):
            await tell(client, at, "dispatched", waybill)
            await tell(client, at, "collected", waybill)
            house.clock.move(hours=1)
            await tell(client, at, "signed", waybill, county=DONGCHENG)
        house.clock.move(days=8)
        for _ in range(2):
            await case(house.app)
        signed = await people(house, client)
        query = f"/api/v1/console/orders?campaign={campaign.campaign_id}"

        async def cases() -> dict[str, Any]:
            listed = (await client.get(query, headers=signed["dept"])).json()["items"]
            return {one["order_ref"]: one["case"] for one in listed}

        found = await cases()
        assert {ref: one["why"] for ref, one in found.items()} == {
            paid.ref: "doubtful",
            refused.ref: "doubtful",
            late.ref: "not_shipped",
        }

        async def said(ref: str, way: str, who: str, **body: str) -> dict[str, Any]:
            path = f"/api/v1/console/order-cases/{found[ref]['case']}/{way}"
            told: dict[str, Any] = (await client.post(path, json=body, headers=signed[who])).json()
            return told

        assert (await said(paid.ref, "owner", "dept", owner="nobody"))["code"] == "unknown_staff"
        assert await said(paid.ref, "owner", "dept", owner="ops") == {"owner": "ops"}
        pay = {"decision": "pay", "reason": "签收单原件已核"}
        assert await said(paid.ref, "ruling", "ops", **pay) == {"is_final": False}
        assert (await said(paid.ref, "ruling", "ops", **pay))["code"] == "same_person"
        assert (await holds(house))[0] == ("house:orders", True)
        page = await client.get("/api/v1/console/settlement-holds", headers=signed["dept"])
        for hold in page.json()["items"]:
            alone = await lift_hold(house.app, hold["hold_id"], "我来放行", "staff:1")
            assert alone is Refusal.HOLD_OF_AN_ORDER
        assert (await holds(house))[0] == ("house:orders", True)
        assert await said(paid.ref, "ruling", "dept", **pay) == {"is_final": True}
        assert (await holds(house))[0] == ("house:orders", False)
        no = {"decision": "refuse", "reason": "无法证明在省内签收"}
        assert await said(refused.ref, "ruling", "dept", **no) == {"is_final": True}
        assert (await said(refused.ref, "ruling", "ops", **pay))["code"] == "case_closed"
        # What was decided stays decided; the late order arrives, and its case closes by itself.
        await delivered(client, at, "W3")
        await case(house.app)
        assert await cases() == {paid.ref: None, refused.ref: None, late.ref: None}
        path = f"/api/v1/console/orders/mall/{late.ref}"
        file = (await client.get(path, headers=signed["dept"])).json()
        assert [(one["state"], one["closed_by"], one["decision"]) for one in file["cases"]] == [
            ("closed", "house:orders", None)
        ]
        # It falls into doubt afterwards: another reason, another case.
        await tell(client, at, "signed", "W3", county=DONGCHENG)
        await case(house.app)
        assert (await cases())[late.ref]["why"] == "doubtful"
    house.clock.move(days=9)
    await settle_day(house.app, CAMPAIGN)
    async with house.app.db.reading() as tx:
        rows = await tx.fetch("select payment_ref from redemptions where settlement_id is not null")
    assert {row["payment_ref"] for row in rows} == {f"p-{paid.ref}"}
    failed = {one.name for one in (await run_checks(house.app)).failed}
    assert {name for name in failed if name.startswith(("o1_", "o3_", "o4_"))} == set()
