"""A merchant's statements: each order behind a payment, and how the sum comes about.  结算单

Only the merchant's own, and only to a store's manager; officials see them with the settlement.
"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import disputes
from huiquan.db.connection import Row, Tx
from huiquan.domain.redemptions import redemption_name
from huiquan.domain.refusals import Refusal
from huiquan.views.settlements import COLUMNS, TABLES, SettlementLine, line_of, newest
from huiquan.views.statement_debts import KeptLine, kept_from

SHOWN_MOST = 400


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """One order of a statement, in fen: the voucher, what came back before, what is due for it."""

    redemption: str
    payment_ref: str
    store: str
    redeemed_at: datetime
    order_fen: int
    net_fen: int
    discount_fen: int
    returned_fen: int

    @property
    def due_fen(self) -> int:
        """What the fund owes for this order."""
        return self.discount_fen - self.returned_fen


@dataclass(frozen=True, kw_only=True)
class LateRefund:
    """Goods that came back after the merchant was settled: its part is kept from a payment."""

    redemption: str
    store: str
    refunded_at: datetime
    amount_fen: int
    to_fund_fen: int


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """What the merchant said is wrong, and what it was answered."""

    dispute_id: int
    settlement_id: int
    ref: str
    merchant: str
    redemption: str | None
    words: str
    opened_at: datetime
    verdict: str | None
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement, whole.

    carried_refs are the earlier payments that came back, kept the debts that it paid off.
    """

    settlement: SettlementLine
    uscc: str
    campaign_zh: str
    account_end: str | None
    settled_at: datetime
    paid_at: datetime | None
    orders: list[OrderLine]
    carried_refs: list[str]
    kept: list[KeptLine]
    disputes: list[Dispute]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a merchant is owed and owes now, in fen."""

    unsettled_fen: int
    on_its_way_fen: int
    paid_fen: int
    owed_fen: int
    is_held: bool


@dataclass(frozen=True, kw_only=True)
class StatementPage:
    """A merchant's statements, the newest first, and how it stands."""

    merchant: str
    items: list[SettlementLine]
    standing: Standing


async def statements_of(app: App, cashier_id: int) -> StatementPage | Refusal:
    """The statements of the merchant whose store a cashier leads. Refuses FORBIDDEN."""
    async with app.db.reading() as tx:
        merchant_id = await disputes.merchant_led_by(tx, cashier_id)
        if merchant_id is None:
            return Refusal.FORBIDDEN
        items = await newest(tx, "s.merchant_id = $1", merchant_id)
        name = await tx.fetchval("select name from merchants where merchant_id = $1", merchant_id)
        standing = await _standing(tx, merchant_id, app.clock())
    return StatementPage(merchant=name, items=items, standing=standing)


async def _standing(tx: Tx, merchant_id: int, now: datetime) -> Standing:
    row = await tx.fetchrow(
        """
        select (select coalesce(sum(amount_fen), 0)::bigint
                  from balances
                 where account = 'payable'
                   and holder = $1::text) as unsettled_fen,
               (select coalesce(sum(amount_fen), 0)::bigint
                  from balances
                 where account = 'settling'
                   and holder = $1::text) as on_its_way_fen,
               (select coalesce(sum(amount_fen), 0)::bigint
                  from settlements
                 where merchant_id = $2
                   and state = 'paid') as paid_fen,
               (select coalesce(sum(amount_fen), 0)::bigint
                  from balances
                 where account = 'receivable'
                   and holder = $1::text) as owed_fen,
               exists (select 1 from settlement_holds
                        where merchant_id = $2
                          and lifted_at is null
                          and (until is null or until > $3)) as is_held
        """,
        str(merchant_id),
        merchant_id,
        now,
    )
    return Standing(**dict(row))


async def statement_for(app: App, cashier_id: int, settlement_id: int) -> Statement | Refusal:
    """One of the merchant's statements. Refuses FORBIDDEN, UNKNOWN_SETTLEMENT (or another's)."""
    async with app.db.reading() as tx:
        merchant_id = await disputes.merchant_led_by(tx, cashier_id)
        if merchant_id is None:
            return Refusal.FORBIDDEN
        return await _statement(tx, settlement_id, merchant_id)


async def statement(app: App, settlement_id: int) -> Statement | Refusal:
    """One statement, for officials. Refuses UNKNOWN_SETTLEMENT."""
    async with app.db.reading() as tx:
        return await _statement(tx, settlement_id, None)


async def _statement(tx: Tx, settlement_id: int, merchant_id: int | None) -> Statement | Refusal:
    row = await tx.fetchrow(
        f"""
        select {COLUMNS}, s.campaign_id, m.uscc, s.settled_at, s.paid_at,
               right(l.account_no, 4) as account_end,
               (select b.rules ->> 'name_zh'
                  from rulebooks b
                 where b.campaign_id = s.campaign_id
                 order by b.version desc
                 limit 1) as campaign_zh
          from {TABLES}
         where s.settlement_id = $1
           and ($2::bigint is null or s.merchant_id = $2)
        """,
        settlement_id,
        merchant_id,
    )
    if row is None:
        return Refusal.UNKNOWN_SETTLEMENT
    names = ("uscc", "campaign_zh", "account_end", "settled_at", "paid_at")
    line = line_of(row)
    return Statement(
        settlement=line,
        **{name: row[name] for name in names},
        orders=await _orders(tx, settlement_id),
        carried_refs=[
            one["ref"]
            for one in await tx.fetch(
                "select ref from settlements where resettled_by = $1 order by ref", settlement_id
            )
        ],
        kept=await kept_from(
            tx, row["campaign_id"], line.merchant_id, settlement_id, line.recovered_fen
        ),
        disputes=await _disputes(tx, "d.settlement_id = $1", settlement_id),
    )


async def _orders(tx: Tx, settlement_id: int) -> list[OrderLine]:
    """The orders in a settlement, with what came back of each before it."""
    rows = await tx.fetch(
        """
        select r.campaign_id, r.lane, r.idx, r.lock_no, r.payment_ref, s.name as store,
               r.redeemed_at, r.order_fen, r.net_fen, r.discount_fen,
               coalesce(early.fen, 0)::bigint as returned_fen
          from redemptions r
          join stores s using (store_id)
          left join lateral (
               select sum(to_fund_fen) as fen
                 from refunds f
                where (f.lane, f.campaign_id, f.idx, f.lock_no)
                      = (r.lane, r.campaign_id, r.idx, r.lock_no)
                  and not f.late
               ) early on true
         where r.settlement_id = $1
         order by r.redeemed_at, r.lane, r.idx
        """,
        settlement_id,
    )
    return [
        OrderLine(
            redemption=_name(row),
            **{name: row[name] for name in OrderLine.__dataclass_fields__ if name != "redemption"},
        )
        for row in rows
    ]


async def late_refunds_of(app: App, cashier_id: int) -> list[LateRefund] | Refusal:
    """Goods that came back to the merchant's stores after it was settled, the newest first.

    Refuses FORBIDDEN.
    """
    async with app.db.reading() as tx:
        merchant_id = await disputes.merchant_led_by(tx, cashier_id)
        if merchant_id is None:
            return Refusal.FORBIDDEN
        rows = await tx.fetch(
            """
            select r.campaign_id, r.lane, r.idx, r.lock_no, s.name as store, f.refunded_at,
                   f.amount_fen, f.to_fund_fen
              from redemptions r
              join refunds f using (lane, campaign_id, idx, lock_no)
              join stores s using (store_id)
             where r.merchant_id = $1
               and f.late
             order by f.refunded_at desc
             limit $2
            """,
            merchant_id,
            SHOWN_MOST,
        )
    return [
        LateRefund(
            redemption=_name(row),
            **{name: row[name] for name in LateRefund.__dataclass_fields__ if name != "redemption"},
        )
        for row in rows
    ]


async def open_disputes(app: App) -> list[Dispute]:
    """Disputes for officials: those without an answer first, then the newest."""
    async with app.db.reading() as tx:
        return await _disputes(tx, "d.settlement_id > $1", 0)


async def disputes_for(app: App, cashier_id: int) -> list[Dispute] | Refusal:
    """The merchant's own disputes with their answers. Refuses FORBIDDEN."""
    async with app.db.reading() as tx:
        merchant_id = await disputes.merchant_led_by(tx, cashier_id)
        if merchant_id is None:
            return Refusal.FORBIDDEN
        return await _disputes(tx, "s.merchant_id = $1", merchant_id)


async def _disputes(tx: Tx, which: str, argument: int) -> list[Dispute]:
    rows = await tx.fetch(
        f"""
        select d.dispute_id, d.settlement_id, s.ref, m.name as merchant, d.redemption, d.words,
               d.opened_at, d.verdict, d.answer, d.answered_at
          from settlement_disputes d
          join settlements s using (settlement_id)
          join merchants m using (merchant_id)
         where {which}
         order by d.answered_at is not null, d.dispute_id desc
         limit {SHOWN_MOST}
        """,
        argument,
    )
    return [_dispute(row) for row in rows]


def _name(row: Row) -> str:
    return redemption_name(row["campaign_id"], row["lane"], row["idx"], row["lock_no"])


def _dispute(row: Row) -> Dispute:
    return Dispute(**dict(row))
