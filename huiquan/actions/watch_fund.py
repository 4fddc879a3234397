"""Watch the fund: raise an alert before money runs out, end it when it is over.  资金预警"""

from huiquan.app import App
from huiquan.db import (
    audit,
    campaign_state,
    fund_alerts,
    ledger,
    matching,
    outbox,
    pledges,
    tranches,
)
from huiquan.db.connection import Tx
from huiquan.domain.campaigns import Campaign
from huiquan.domain.days import day_of
from huiquan.domain.fund import BURN_DAYS, burn_fen
from huiquan.domain.fund_alerts import FundStanding, Pledged, alerts_due
from huiquan.domain.offers import Funder
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_days import draw_days


async def watch_fund(app: App, code: str) -> int | Refusal:
    """Hold the fund against the marks of the rulebook in force; gives how many alerts are new.

    What stands below its mark is recorded once and told once, whoever looks and how often, until
    it stands above again. Refuses UNKNOWN_CAMPAIGN. (R2.4)
    """
    now = app.clock()
    async with app.db.transaction() as tx:
        campaign = await campaign_state.load_campaign(tx, code, first_day=0, last_day=0)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        await tranches.hold_fund(tx, campaign.campaign_id)
        rules = campaign.rulebook_at(now).fund_alerts
        due = alerts_due(rules, await _standing(tx, app, campaign))
        await fund_alerts.end_others(tx, campaign.campaign_id, due, now)
        raised = 0
        for alert in due:
            alert_id = await fund_alerts.raise_alert(tx, campaign.campaign_id, alert, now)
            if alert_id is None:
                continue
            raised += 1
            await audit.note(
                tx,
                at=now,
                actor="house",
                tag="alert:raised",
                subject=f"alert {alert_id}",
                detail={"kind": alert.kind.value, "measured": alert.measured},
            )
            if app.settings.alert_phones:
                await outbox.append(tx, "alert", [{"alert": alert_id}], now)
        return raised


async def _standing(tx: Tx, app: App, campaign: Campaign) -> FundStanding:
    now, campaign_id = app.clock(), campaign.campaign_id
    fund = await ledger.fund(tx, campaign_id)
    today, rulebook = day_of(now), campaign.rulebook_at(now)
    promised: dict[tuple[Funder, int | None], list[pledges.PledgeRow]] = {}
    for one in await pledges.everything(tx, campaign_id):
        promised.setdefault((one.funder, one.merchant_id), []).append(one)
    used = {
        (row.funder, row.merchant_id): row.used_fen - row.given_back_fen
        for row in (await matching.used(tx, campaign_id) if promised else ())
    }
    return FundStanding(
        today=today,
        pool_fen=fund.pool_fen,
        appropriated_fen=fund.appropriated_fen,
        burn_fen=burn_fen(await fund_alerts.burn_by_day(tx, campaign_id, BURN_DAYS)),
        draw_days_left=sum(day >= today for day in draw_days(rulebook)),
        tranches=tuple(one.tranche for one in await tranches.everything(tx, campaign_id)),
        pledges=tuple(
            Pledged(
                pledge_id=rows[0].pledge_id,
                name=rows[0].merchant or rulebook.platform.name_zh,
                pledged_fen=sum(one.pledged_fen for one in rows),
                used_fen=used.get(side, 0),
            )
            for side, rows in promised.items()
        ),
    )
