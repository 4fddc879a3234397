"""The rows that a run left in the database, as they stand afterwards, at one moment.  库内事实"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import asyncpg

Rows: TypeAlias = Sequence[Mapping[str, Any]]

_SQL = {
    "registrations": "select pid from registrations",
    "entries": "select request_key as key, e.* from entries e",
    "vouchers": "select serial as key, v.* from vouchers v",
    "redemptions": """
        select r.*, a.code as acquirer, p.payment_ref as acquirer_ref, p.order_ref
          from redemptions r
          left join acquirer_payments p
         using (lane, campaign_id, idx, lock_no)
          left join acquirers a
            on a.acquirer_id = p.acquirer_id
    """,
    "refunds": """
        select f.*, a.code as acquirer, n.refund_ref, n.payment_ref as acquirer_ref
          from refunds f
          left join acquirer_refunds n
         using (lane, campaign_id, idx, lock_no, refund_no)
          left join acquirers a
            on a.acquirer_id = n.acquirer_id
    """,
    "locks": "select l.* from locks l",
    "orders": """
        select a.code as acquirer, o.*
          from acquirer_orders o
          join acquirers a
         using (acquirer_id)
    """,
    "transfers": "select * from transfers",
    "settlements": "select * from settlements",
    "payment_files": "select * from payment_files",
    "payment_lines": "select * from payment_lines",
    "approvals": """
        select p.subject, s.login
          from approvals p
          join staff s
         using (staff_id)
         where p.action = 'payment_file'
    """,
    "answers": "select * from bank_answers",
    "files": "select *, encode(content_hash, 'hex') as sha256 from imported_files",
    "cases": "select * from cases",
    "callbacks": "select * from callbacks",
    "online_orders": """
        select o.order_ref, o.stage, o.paid_at, d.net_fen, d.refunded_fen,
               case when d.settlement_id is null then 0
                    else d.discount_fen - d.returned_fen
               end as settled_fen
          from online_orders o
          left join acquirer_orders p
         using (acquirer_id, order_ref)
          left join redemptions d
         using (lane, campaign_id, idx, lock_no)
    """,
    "order_parcels": "select * from order_parcels",
    "order_events": "select * from order_events",
}


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Rows by what they tell of; the fields are the columns of the tables."""

    registrations: Rows = ()
    entries: Rows = ()
    vouchers: Rows = ()
    redemptions: Rows = ()
    refunds: Rows = ()
    locks: Rows = ()
    orders: Rows = ()
    transfers: Rows = ()
    settlements: Rows = ()
    payment_files: Rows = ()
    payment_lines: Rows = ()
    approvals: Rows = ()
    answers: Rows = ()
    files: Rows = ()
    cases: Rows = ()
    callbacks: Rows = ()
    online_orders: Rows = ()
    order_parcels: Rows = ()
    order_events: Rows = ()


async def read_tables(url: str) -> Tables:
    """One look at everything, under the owner's eyes; nothing of the house's code is asked."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            found = {name: await connection.fetch(sql) for name, sql in _SQL.items()}
    finally:
        await connection.close()
    return Tables(**found)
