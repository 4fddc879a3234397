"""Every address of the house, one tuple of routes for each group.  路由"""

from huiquan.web.acquirer import bills as acquirer_bills
from huiquan.web.acquirer import orders as acquirer_orders
from huiquan.web.acquirer import queries as acquirer_queries
from huiquan.web.acquirer import rails as store_rails
from huiquan.web.acquirer import refunds as acquirer_refunds
from huiquan.web.console import (
    accounts,
    figures,
    fund,
    fund_orders,
    fund_payments,
    holds,
    objections,
    payment_files,
    reconciliation,
    register,
    settlements,
    warehouses,
)
from huiquan.web.console import campaigns as console_campaigns
from huiquan.web.console import disputes as console_disputes
from huiquan.web.console import orders as console_orders
from huiquan.web.console import sessions as console_sessions
from huiquan.web.consumer import draws, me, now, registrations, rules, stores, vouchers
from huiquan.web.consumer import refund_sums as own_refund_sums
from huiquan.web.merchant import locks, quotes, redemptions, refund_sums, statements, today
from huiquan.web.merchant import sessions as till_sessions
from huiquan.web.orders import changes as order_changes
from huiquan.web.orders import events as order_events
from huiquan.web.orders import orders as online_orders
from huiquan.web.public import days, health, keys, lists, log

ROUTES = (
    *now.ROUTES,
    *rules.ROUTES,
    *registrations.ROUTES,
    *me.ROUTES,
    *draws.ROUTES,
    *stores.ROUTES,
    *vouchers.ROUTES,
    *own_refund_sums.ROUTES,
    *till_sessions.ROUTES,
    *quotes.ROUTES,
    *locks.ROUTES,
    *redemptions.ROUTES,
    *refund_sums.ROUTES,
    *today.ROUTES,
    *statements.ROUTES,
    *store_rails.ROUTES,
    *acquirer_orders.ROUTES,
    *acquirer_refunds.ROUTES,
    *acquirer_queries.ROUTES,
    *acquirer_bills.ROUTES,
    *online_orders.ROUTES,
    *order_changes.ROUTES,
    *order_events.ROUTES,
    *console_sessions.ROUTES,
    *console_campaigns.ROUTES,
    *figures.ROUTES,
    *objections.ROUTES,
    *settlements.ROUTES,
    *payment_files.ROUTES,
    *accounts.ROUTES,
    *holds.ROUTES,
    *console_disputes.ROUTES,
    *fund.ROUTES,
    *fund_orders.ROUTES,
    *fund_payments.ROUTES,
    *register.ROUTES,
    *reconciliation.ROUTES,
    *console_orders.ROUTES,
    *warehouses.ROUTES,
    *keys.ROUTES,
    *log.ROUTES,
    *lists.ROUTES,
    *days.ROUTES,
    *health.ROUTES,
)
