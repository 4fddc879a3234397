"""The regular work itself: each name of the schedule, and the action it calls.  任务"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from huiquan.actions.bill_acquirer import SignedBill, bill_acquirer
from huiquan.actions.close_day import close_day
from huiquan.actions.count_fund import count_fund
from huiquan.actions.expire_vouchers import expire_vouchers
from huiquan.actions.forget_codes import forget_codes
from huiquan.actions.forget_nonces import forget_nonces
from huiquan.actions.issue_list import issue_list
from huiquan.actions.judge_order import judge_order
from huiquan.actions.link_ledger import link_ledger
from huiquan.actions.open_order_cases import open_order_cases
from huiquan.actions.publish_config import publish_config
from huiquan.actions.reconcile_day import reconcile_day
from huiquan.actions.roll_over import roll_over_returned
from huiquan.actions.send_alerts import send_alerts
from huiquan.actions.send_callbacks import send_callbacks
from huiquan.actions.send_messages import send_messages
from huiquan.actions.settle_day import settle_day
from huiquan.actions.watch_fund import watch_fund
from huiquan.app import App
from huiquan.domain.days import day_number, day_of
from huiquan.jobs.checking import Checking
from huiquan.jobs.day_folders import publish_days
from huiquan.views.acquirers import every_acquirer
from huiquan.views.draws import campaigns_in_play
from huiquan.views.lists import lists_to_issue
from huiquan.views.orders import unjudged
from huiquan.views.reconciliation import days_due

Task = Callable[[App], Awaitable[object]]


async def expire(app: App) -> object:
    """End the vouchers whose time is over, campaign by campaign."""
    return [await expire_vouchers(app, one.code) for one in await campaigns_in_play(app)]


async def end_day(app: App) -> object:
    """Close the past days, end what expired at midnight, and roll the money over."""
    today = day_number(day_of(app.clock()))
    moved = []
    for campaign in await campaigns_in_play(app):
        for day in sorted(campaign.days):
            if day < today and not campaign.days[day].is_closed:
                moved.append(await close_day(app, campaign.code, day))
        while isinstance(ended := await expire_vouchers(app, campaign.code), int) and ended:
            moved.append(ended)
        moved.append(await roll_over_returned(app, campaign.code))
        moved.append(await link_ledger(app, campaign.code))
    return moved


async def plan_days(app: App) -> object:
    """Publish the draw config of the coming days."""
    return [await publish_config(app, one.code) for one in await campaigns_in_play(app)]


async def link(app: App) -> object:
    """Close a link of the ledger's chain over what was booked since the last one."""
    return [await link_ledger(app, one.code) for one in await campaigns_in_play(app)]


async def settle(app: App) -> object:
    """Settle what merchants are due after the hold."""
    return [await settle_day(app, one.code) for one in await campaigns_in_play(app)]


async def reconcile(app: App) -> object:
    """Compare every day that is due with the files that came."""
    return [
        await reconcile_day(app, source, day)
        for one in await campaigns_in_play(app)
        for source, day in await days_due(app, one.campaign_id)
    ]


async def judge(app: App) -> object:
    """Judge orders about which a word was kept whose process died before it judged, and those of
    which money came back over another door."""
    return [await judge_order(app, *order) for order in await unjudged(app, "judge_orders")]


async def case(app: App) -> object:
    """Open a case for each order that people have to decide."""
    return [await open_order_cases(app, one.campaign_id) for one in await campaigns_in_play(app)]


async def forget(app: App) -> object:
    """Forget codes that nobody used."""
    return [await forget_codes(app, one.code) for one in await campaigns_in_play(app)]


async def issue(app: App) -> object:
    """Issue the lists whose days of publicity are over and whose objections are decided."""
    return [
        await issue_list(app, code, day) for code, day in await lists_to_issue(app, app.clock())
    ]


async def bill(app: App) -> object:
    """Make yesterday's bill of every acquirer, so that its hash is kept before anybody asks."""
    yesterday = day_of(app.clock()) - timedelta(days=1)
    return [
        isinstance(await bill_acquirer(app, one.acquirer.code, yesterday), SignedBill)
        for one in await every_acquirer(app)
    ]


async def watch(app: App) -> object:
    """Raise alerts about the fund, and tell those on duty."""
    raised = [await watch_fund(app, one.code) for one in await campaigns_in_play(app)]
    return raised, await send_alerts(app)


async def count(app: App) -> object:
    """Count what was booked into the live balances."""
    return [await count_fund(app, one.code) for one in await campaigns_in_play(app)]


TASKS: Mapping[str, Task] = {
    "send_messages": send_messages,
    "send_callbacks": send_callbacks,
    "forget_nonces": forget_nonces,
    "judge_orders": judge,
    "open_order_cases": case,
    "bill_acquirers": bill,
    "expire_vouchers": expire,
    "run_checks": Checking().run,
    "link_ledger": link,
    "publish_days": publish_days,
    "end_day": end_day,
    "plan_days": plan_days,
    "settle_day": settle,
    "reconcile_days": reconcile,
    "forget_codes": forget,
    "issue_lists": issue,
    "watch_fund": watch,
    "count_fund": count,
}
