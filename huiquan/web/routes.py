"""Every address of the house, one tuple of routes for each group.  路由"""

from huiquan.web.console import campaigns as console_campaigns
from huiquan.web.console import figures, reconciliation
from huiquan.web.console import sessions as console_sessions
from huiquan.web.consumer import draws, me, now, registrations, rules, stores, vouchers
from huiquan.web.merchant import locks, quotes, redemptions, today
from huiquan.web.merchant import sessions as till_sessions
from huiquan.web.public import days, health, keys, lists, log

ROUTES = (
    *now.ROUTES,
    *rules.ROUTES,
    *registrations.ROUTES,
    *me.ROUTES,
    *draws.ROUTES,
    *stores.ROUTES,
    *vouchers.ROUTES,
    *till_sessions.ROUTES,
    *quotes.ROUTES,
    *locks.ROUTES,
    *redemptions.ROUTES,
    *today.ROUTES,
    *console_sessions.ROUTES,
    *console_campaigns.ROUTES,
    *figures.ROUTES,
    *reconciliation.ROUTES,
    *keys.ROUTES,
    *log.ROUTES,
    *lists.ROUTES,
    *days.ROUTES,
    *health.ROUTES,
)
