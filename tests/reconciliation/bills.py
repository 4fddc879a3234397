"""Bills for tests: what another book would honestly tell of a season, and how it is brought in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import asyncpg

from huiquan.actions.import_bill import BillSent, BillTaken, import_bill
from huiquan.actions.reconcile_day import DayReconciled, reconcile_day
from huiquan.db.imported_books import Source
from huiquan.domain.bill_mappings import Book
from huiquan.domain.days import day_from_number, day_number
from huiquan.views.reconciliation import days_due
from simulation.bill_facts import Fact
from simulation.bill_shapes import SHAPES
from tests.houses import CAMPAIGN, House

FIRST, LAST = date(2026, 2, 6), date(2026, 2, 10)
DAYS = [FIRST + timedelta(days=n) for n in range(5)]
TILL = Source(campaign_id=1, book=Book.ACQUIRER, name="till")
ACCOUNT = Source(campaign_id=1, book=Book.BANK, name="icbc-1001")


@dataclass(frozen=True, kw_only=True)
class Books:
    """A season that was played, and what honest outsiders would tell of it."""

    url: str
    house: House
    owner: asyncpg.Connection
    facts: list[Fact]

    async def cases(self, where: str = "true") -> list[Any]:
        return list(await self.owner.fetch(f"select * from cases where {where} order by case_id"))


async def facts_of(connection: Any, first: date, last: date) -> list[Fact]:
    """What an acquirer that saw every sale and refund would tell of some days."""
    rows = await connection.fetch(
        """
        select 'redeem' as kind, day, payment_ref as ref, '' as sub, discount_fen as amount_fen,
               net_fen - discount_fen as paid_fen, redeemed_at as at, store_id
          from redemptions
        union all
        select 'refund', f.day, payment_ref, '', -to_fund_fen, -to_consumer_fen, refunded_at,
               store_id
          from refunds f
          join redemptions
         using (lane, campaign_id, idx, lock_no)
         order by at, ref
        """
    )
    return [
        Fact(
            kind=row["kind"],
            ref=row["ref"],
            sub=row["sub"],
            serial=f"S{number}",
            amount_fen=row["amount_fen"],
            paid_fen=row["paid_fen"],
            at=row["at"],
            day=day_from_number(row["day"]),
            place=str(row["store_id"]),
        )
        for number, row in enumerate(rows)
        if day_number(first) <= row["day"] <= day_number(last)
    ]


async def bank_facts_of(connection: Any) -> list[Fact]:
    """What a bank that did as it was told would tell: what came in, was paid and came back."""
    rows = await connection.fetch(
        """
        select t.no, t.day, t.ref, t.booked_at, t.kind, b.bank_ref,
               case when t.debit = 'bank' then t.amount_fen else -t.amount_fen end as fen
          from transfers t
          left join bank_answers b
            on b.ref = t.ref
           and b.verdict = 'booked'
           and b.outcome = case t.kind when 'pay' then 'paid' when 'pay_back' then 'returned' end
         where 'bank' in (t.debit, t.credit)
         order by t.no
        """
    )
    return [
        Fact(
            kind="in" if row["fen"] > 0 else "out",
            ref=row["ref"] if row["kind"] == "pay" else "",
            serial=row["bank_ref"] or row["ref"],
            amount_fen=row["fen"],
            at=row["booked_at"],
            day=day_from_number(row["day"]),
        )
        for row in rows
    ]


def of_day(facts: Sequence[Fact], day: date) -> list[Fact]:
    """The lines that stand in one day's bill."""
    return [fact for fact in facts if fact.day == day]


async def bring(
    house: House,
    facts: Sequence[Fact],
    day: date | None,
    *,
    shape: str = "house",
    source: Source = TILL,
    part: str = "",
) -> BillTaken:
    """Import a bill in one of the published shapes."""
    sent = BillSent(
        campaign=CAMPAIGN,
        source=source.name,
        mapping=shape,
        day=day,
        part=part,
        name=f"{shape}.csv",
        raw=SHAPES[shape](facts),
    )
    taken = await import_bill(house.app, sent, "wang")
    assert isinstance(taken, BillTaken), taken
    return taken


async def compared(house: House, day: date, source: Source = TILL) -> DayReconciled:
    """Reconcile a day that is over."""
    done = await reconcile_day(house.app, source, day)
    assert isinstance(done, DayReconciled), done
    return done


async def compared_all(house: House) -> list[DayReconciled]:
    """Reconcile every day that is due, as the daily job does."""
    return [await compared(house, day, source) for source, day in await days_due(house.app, 1)]
