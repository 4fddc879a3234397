"""Merchants are paid what is due, once, after the hold, net of what came back."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from huiquan.actions.run_checks import run_checks
from huiquan.actions.settle_day import DaySettled, settle_day
from huiquan.db import ledger
from huiquan.db.connection import Database
from huiquan.domain.days import ends_at
from huiquan.domain.ledger import Account
from huiquan.domain.redemptions import Redemption
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from tests.seasons import Season, open_season, play_day, refund


async def a_day_of_sales(database: Database) -> Season:
    """One day is played, then the clock stands at two in the morning of the next."""
    season = await open_season(database)
    await play_day(season)
    assert season.redemptions
    season.house.clock.now = ends_at(season.house.clock.now.date()) + timedelta(hours=2)
    return season


async def settled_on(season: Season, days_later: int) -> DaySettled:
    season.house.clock.now += timedelta(days=days_later)
    settled = await settle_day(season.house.app, season.campaign.code)
    assert isinstance(settled, DaySettled), settled
    return settled


async def rows(season: Season, query: str) -> list[Any]:
    async with season.house.app.db.reading() as tx:
        return list(await tx.fetch(query))


async def due_fen(season: Season) -> int:
    (row,) = await rows(
        season, "select sum(discount_fen - returned_fen)::bigint as fen from redemptions"
    )
    return int(row["fen"])


async def promises_kept(season: Season) -> bool:
    """All but those that wait for jobs this test does not run."""
    run = await run_checks(season.house.app)
    waiting = {"i32_no_message_waits", "i33_expired_is_closed"}
    return [one for one in run.failed if one.name not in waiting] == []


@pytest.mark.requirement("R2.4")
async def test_nothing_is_due_within_the_hold_and_all_of_it_after(database: Database) -> None:
    season = await a_day_of_sales(database)
    due = await due_fen(season)
    assert (await settled_on(season, 0)).merchant_count == 0
    settled = await settled_on(season, 1)
    merchants = {one.merchant_id for one in season.redemptions}
    assert settled.merchant_count == len(merchants)
    assert (settled.payable_fen, settled.recovered_fen, settled.amount_fen) == (due, 0, due)
    (row,) = await rows(
        season,
        "select count(*) as left from redemptions "
        "where settlement_id is null and returned_fen < discount_fen",
    )
    assert row["left"] == 0
    assert await promises_kept(season)


@pytest.mark.requirement("R2.4")
async def test_settling_twice_pays_nothing_twice(database: Database) -> None:
    season = await a_day_of_sales(database)
    first = await settled_on(season, 1)
    transfers = await rows(season, "select count(*) from transfers")
    for days_later in (0, 1):
        again = await settled_on(season, days_later)
        assert (again.merchant_count, again.payable_fen) == (0, 0)
    assert await rows(season, "select count(*) from transfers") == transfers
    assert first.payable_fen > 0
    assert await promises_kept(season)


@pytest.mark.requirement("R2.4")
async def test_two_settling_at_once_pay_nothing_twice(database: Database) -> None:
    season = await a_day_of_sales(database)
    due = await due_fen(season)
    season.house.clock.now += timedelta(days=1)
    runs = await asyncio.gather(
        *(settle_day(season.house.app, season.campaign.code) for _ in range(4))
    )
    assert sum(run.payable_fen for run in runs if isinstance(run, DaySettled)) == due
    (row,) = await rows(season, "select sum(amount_fen)::bigint as fen from settlements")
    assert row["fen"] == due
    assert await promises_kept(season)


async def a_settled_sale(season: Season) -> Redemption:
    """A redemption that was settled with something still to be given back."""
    (row,) = await rows(
        season,
        "select lane, idx from redemptions where settlement_id is not null "
        "and refund_count = 0 order by discount_fen limit 1",
    )
    return next(d for d in season.redemptions if (d.lane, d.idx) == tuple(row))


@pytest.mark.requirement("R2.4")
async def test_a_refund_after_settlement_is_taken_off_the_next(database: Database) -> None:
    """The merchant had the money: it owes the fund its part, and is paid that much less."""
    season = await a_day_of_sales(database)
    await settled_on(season, 1)
    paid = await a_settled_sale(season)
    back = await refund(season, paid, paid.quote.net_fen)
    assert isinstance(back, Refund)
    assert back.is_late
    debt = paid.quote.discount_fen
    assert await stands(season, Account.RECEIVABLE) == debt
    assert await promises_kept(season)
    await sell_again(season, paid.merchant_id)
    season.house.clock.now += timedelta(days=3)
    due, owed = await due_by_merchant(season), await owed_by_merchant(season)
    settled = await settled_on(season, 0)
    kept = {merchant: min(due.get(merchant, 0), owed[merchant]) for merchant in owed}
    assert kept[paid.merchant_id] > 0
    assert settled.recovered_fen == sum(kept.values())
    assert settled.amount_fen == sum(due.values()) - sum(kept.values())
    assert await stands(season, Account.RECEIVABLE) == sum(owed.values()) - sum(kept.values())
    assert await promises_kept(season)


async def sell_again(season: Season, merchant_id: int) -> None:
    """Play days until a merchant has sold something more."""
    season.house.clock.now = season.house.clock.now.replace(hour=10, minute=30)
    known = len(season.redemptions)
    while not any(d.merchant_id == merchant_id for d in season.redemptions[known:]):
        await play_day(season)
        season.house.clock.now = ends_at(season.house.clock.now.date()) + timedelta(hours=10)


async def due_by_merchant(season: Season) -> dict[int, int]:
    """What each merchant's unsettled redemptions come to, once their hold is over."""
    return dict(
        await rows(
            season,
            "select merchant_id, sum(discount_fen - returned_fen)::bigint from redemptions "
            "where settlement_id is null group by 1",
        )
    )


async def owed_by_merchant(season: Season) -> dict[int, int]:
    """What each merchant owes for late refunds that no settlement has kept yet."""
    late = await rows(
        season,
        "select r.merchant_id, sum(f.to_fund_fen)::bigint from refunds f "
        "join redemptions r using (lane, campaign_id, idx, lock_no) where f.late group by 1",
    )
    kept = await rows(
        season, "select merchant_id, sum(recovered_fen)::bigint from settlements group by 1"
    )
    return {merchant: fen - dict(kept).get(merchant, 0) for merchant, fen in late}


async def stands(season: Season, account: Account) -> int:
    (row,) = await rows(
        season,
        "select coalesce(sum(amount_fen), 0)::bigint as fen from balances "
        f"where account = '{account.value}'",
    )
    return int(row["fen"])


@pytest.mark.requirement("R2.4")
async def test_refunds_and_settlements_at_one_moment_lose_no_fen(database: Database) -> None:
    """A refund comes before its settlement and lessens it, or after it and is a debt."""
    season = await a_day_of_sales(database)
    season.house.clock.now += timedelta(days=1)
    sales = list(season.redemptions)
    await asyncio.gather(
        settle_day(season.house.app, season.campaign.code),
        *(refund(season, d, d.quote.net_fen // 3) for d in sales),
        settle_day(season.house.app, season.campaign.code),
    )
    assert await promises_kept(season)
    async with season.house.app.db.reading() as tx:
        fund = await ledger.fund(tx, season.campaign.campaign_id)
    (row,) = await rows(
        season,
        "select (select sum(discount_fen) from redemptions)::bigint "
        "- (select sum(to_fund_fen) from refunds)::bigint as fen",
    )
    assert fund.payable_fen + fund.settling_fen - fund.receivable_fen == row["fen"]


async def test_progress_is_told_and_an_unknown_campaign_refused(database: Database) -> None:
    season = await a_day_of_sales(database)
    season.house.clock.now += timedelta(days=1)
    heard: list[tuple[int, int]] = []
    await settle_day(
        season.house.app,
        season.campaign.code,
        on_progress=lambda done, of: heard.append((done, of)),
    )
    merchants = len({one.merchant_id for one in season.redemptions})
    assert heard == [(done, merchants) for done in range(merchants + 1)]
    assert await settle_day(season.house.app, "another") is Refusal.UNKNOWN_CAMPAIGN


@pytest.mark.requirement("R2.4")
async def test_what_was_settled_or_paid_cannot_be_taken_back_by_the_program(
    database: Database,
) -> None:
    season = await a_day_of_sales(database)
    await settled_on(season, 1)
    for statement in (
        "delete from settlements",
        "update transfers set amount_fen = 1",
        "delete from transfers",
        "update links set link_hash = ''",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with season.house.app.db.transaction() as tx:
                await tx.execute(statement)
