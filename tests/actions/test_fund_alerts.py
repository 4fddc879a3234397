"""An alert is raised once, told once, seen by a person, and over when it is over."""

import asyncio
from datetime import date

import pytest

from huiquan.actions.acknowledge_alert import acknowledge_alert
from huiquan.actions.fund_campaign import fund_campaign
from huiquan.actions.plan_tranche import TrancheAsked, plan_tranche
from huiquan.actions.send_alerts import send_alerts
from huiquan.actions.send_messages import send_messages
from huiquan.actions.watch_fund import watch_fund
from huiquan.db.connection import Database
from huiquan.domain.refusals import Refusal
from huiquan.settings import Settings
from huiquan.views.fund_money import alerts_of
from tests.actions.test_fund import SMALL, staff_of
from tests.houses import CAMPAIGN, House, make_house, publish, source_of_2026

PHONES = Settings(rate_limits=False, alert_phones="13800000001, 13800000002")


async def waiting_for_a_tranche(database: Database) -> House:
    """A tranche is due tomorrow and has not arrived."""
    house = make_house(database, settings=PHONES)
    await publish(house, source_of_2026(*SMALL))
    asked = TrancheAsked(
        request_key="tranche-500", planned_fen=500, due_on=date(2026, 2, 7), payer="武汉市商务局"
    )
    await plan_tranche(house.app, CAMPAIGN, asked, "test")
    return house


@pytest.mark.requirement("R2.4")
async def test_an_alert_is_raised_told_and_acknowledged_once(database: Database) -> None:
    house = await waiting_for_a_tranche(database)
    raised = await asyncio.gather(*(watch_fund(house.app, CAMPAIGN) for _ in range(6)))
    assert sorted(raised, key=str) == [0, 0, 0, 0, 0, 1]
    house.sms.is_away = True
    assert await send_alerts(house.app) == 0
    house.sms.is_away = False
    assert await send_messages(house.app) == 0, "a consumer's message it is not"
    assert await send_alerts(house.app) == 1
    assert await send_alerts(house.app) == 0
    assert [phone for phone, _ in house.sms.sent] == ["13800000001", "13800000002"]
    assert "第 1 笔" not in house.sms.sent[0][1]
    assert "第 2 笔拨款 5.00 元计划 2026-02-07 到账" in house.sms.sent[0][1]
    first, second = await staff_of(house, "li", "wang")
    alerts = await alerts_of(house.app, CAMPAIGN)
    assert not isinstance(alerts, Refusal)
    (alert,) = alerts
    assert alert.acknowledged_by is None
    assert await acknowledge_alert(house.app, alert.alert_id, first) is None
    assert await acknowledge_alert(house.app, alert.alert_id, second) is None
    assert await acknowledge_alert(house.app, 99, first) is Refusal.UNKNOWN_ALERT
    alerts = await alerts_of(house.app, CAMPAIGN)
    assert not isinstance(alerts, Refusal)
    assert [(one.acknowledged_by, one.ended_at) for one in alerts] == [("li", None)]


@pytest.mark.requirement("R2.4")
async def test_an_alert_ends_with_its_reason_and_may_come_again(database: Database) -> None:
    house = await waiting_for_a_tranche(database)
    assert await watch_fund(house.app, CAMPAIGN) == 1
    await fund_campaign(house.app, CAMPAIGN, 500, "bank-2", "test", tranche_no=2)
    assert await watch_fund(house.app, CAMPAIGN) == 0
    alerts = await alerts_of(house.app, CAMPAIGN)
    assert not isinstance(alerts, Refusal)
    assert [one.ended_at for one in alerts] == [house.clock.now]
    asked = TrancheAsked(request_key="tranche-7", planned_fen=7, due_on=date(2026, 2, 7), payer="x")
    await plan_tranche(house.app, CAMPAIGN, asked, "test")
    assert await watch_fund(house.app, CAMPAIGN) == 1
