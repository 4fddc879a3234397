"""Settlements as officials see them: who is paid what, on which rail, and how far it has come."""

from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import campaigns, payment_files, settlements
from huiquan.db.connection import Row, Tx
from huiquan.domain.refusals import Refusal

SHOWN_MOST = 500


@dataclass(frozen=True, kw_only=True)
class SentLine:
    """Where a settlement stands with the bank."""

    file_id: int
    ref: str
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class SettlementLine:
    """One settlement, in fen: due, carried from bounced payments, kept for debts, to pay."""

    settlement_id: int
    ref: str
    merchant_id: int
    merchant: str
    rail: str
    day: int
    redeemed_count: int
    payable_fen: int
    carried_fen: int
    recovered_fen: int
    amount_fen: int
    state: str
    file_id: int | None
    bank_ref: str | None
    bounce_reason: str | None


@dataclass(frozen=True, kw_only=True)
class HoldLine:
    """One hold in force or lifted; store and redemption are named where it is theirs."""

    hold_id: int
    kind: str
    merchant_id: int
    merchant: str
    store: str | None
    reason: str
    until: datetime | None
    placed_by: str
    placed_at: datetime
    lifted_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What is not in a settlement yet, in fen: due soon or in its hold, and what merchants owe."""

    unsettled_fen: int
    bounced_fen: int
    owed_fen: int
    without_account: int


@dataclass(frozen=True, kw_only=True)
class SettlementPage:
    """The newest settlements and what waits."""

    items: list[SettlementLine]
    waiting: Waiting


async def sent_line(app: App, settlement_id: int) -> SentLine | Refusal:
    """A settlement that went to the bank. Refuses UNKNOWN_SETTLEMENT, NOT_SENT_TO_THE_BANK."""
    async with app.db.reading() as tx:
        row = await settlements.find(tx, settlement_id)
        if row is None:
            return Refusal.UNKNOWN_SETTLEMENT
        line = await payment_files.line_sent(tx, settlement_id)
    if line is None:
        return Refusal.NOT_SENT_TO_THE_BANK
    return SentLine(file_id=line[0], ref=line[1], amount_fen=row.amount_fen)


async def settlements_of(
    app: App, campaign_id: int, day: int | None = None
) -> SettlementPage | Refusal:
    """The settlements of a campaign, of one day or the newest of all. Refuses UNKNOWN_CAMPAIGN."""
    async with app.db.reading() as tx:
        if await campaigns.code_of(tx, campaign_id) is None:
            return Refusal.UNKNOWN_CAMPAIGN
        which = "s.campaign_id = $1 and ($2::integer is null or s.day = $2)"
        items = await newest(tx, which, campaign_id, day)
        waiting = await _waiting(tx, campaign_id)
    return SettlementPage(items=items, waiting=waiting)


COLUMNS = """
    s.settlement_id, s.ref, s.merchant_id, m.name as merchant, s.rail, s.day,
    (select coalesce(sum(redeemed_count), 0)::integer
       from settlement_lines p
      where p.settlement_id = s.settlement_id) as redeemed_count,
    s.payable_fen, s.carried_fen, s.recovered_fen, s.amount_fen, s.state, l.file_id, s.bank_ref,
    s.bounce_reason
"""
TABLES = """
    settlements s
    join merchants m using (merchant_id)
    left join payment_lines l
      on l.settlement_id = s.settlement_id
     and l.state <> 'withdrawn'
"""


async def newest(tx: Tx, which: str, *args: int | None) -> list[SettlementLine]:
    """The newest settlements of those for which a condition holds."""
    rows = await tx.fetch(
        f"""
        select {COLUMNS}
          from {TABLES}
         where {which}
         order by s.day desc, s.settlement_id desc
         limit {SHOWN_MOST}
        """,
        *args,
    )
    return [line_of(row) for row in rows]


def line_of(row: Row) -> SettlementLine:
    """A settlement from a row that holds COLUMNS."""
    return SettlementLine(**{name: row[name] for name in SettlementLine.__dataclass_fields__})


async def _waiting(tx: Tx, campaign_id: int) -> Waiting:
    row = await tx.fetchrow(
        """
        select (select coalesce(sum(discount_fen - returned_fen), 0)::bigint
                  from redemptions
                 where campaign_id = $1
                   and settlement_id is null) as unsettled_fen,
               (select coalesce(sum(amount_fen), 0)::bigint
                  from settlements
                 where campaign_id = $1
                   and state = 'bounced'
                   and resettled_by is null) as bounced_fen,
               (select coalesce(sum(amount_fen), 0)::bigint
                  from balances
                 where campaign_id = $1
                   and account = 'receivable') as owed_fen,
               (select count(distinct s.merchant_id)
                  from settlements s
                  left join account_requests a
                    on a.merchant_id = s.merchant_id
                   and a.state = 'confirmed'
                   and a.replaced_at is null
                 where s.campaign_id = $1
                   and s.state = 'settled'
                   and s.amount_fen > 0
                   and a.merchant_id is null) as without_account
        """,
        campaign_id,
    )
    return Waiting(**dict(row))


async def holds(app: App, *, in_force: bool) -> list[HoldLine]:
    """The holds, the newest first; only those in force if so asked."""
    async with app.db.reading() as tx:
        rows = await tx.fetch(
            """
            select h.hold_id, h.kind, h.merchant_id, m.name as merchant, s.name as store, h.reason,
                   h.until, h.placed_by, h.placed_at, h.lifted_at
              from settlement_holds h
              join merchants m using (merchant_id)
              left join stores s
                on s.store_id = h.store_id
             where not $1
                or (h.lifted_at is null and (h.until is null or h.until > $2))
             order by h.hold_id desc
             limit $3
            """,
            in_force,
            app.clock(),
            SHOWN_MOST,
        )
    return [HoldLine(**dict(row)) for row in rows]
