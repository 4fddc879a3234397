"""Every address of the house, one tuple of routes for each group.  路由"""

from huiquan.web.console import campaigns as console_campaigns
from huiquan.web.console import sessions as console_sessions
from huiquan.web.consumer import draws, me, now, registrations, rules, stores
from huiquan.web.merchant import sessions as till_sessions
from huiquan.web.public import health, keys

ROUTES = (
    *now.ROUTES,
    *rules.ROUTES,
    *registrations.ROUTES,
    *me.ROUTES,
    *draws.ROUTES,
    *stores.ROUTES,
    *till_sessions.ROUTES,
    *console_sessions.ROUTES,
    *console_campaigns.ROUTES,
    *keys.ROUTES,
    *health.ROUTES,
)
