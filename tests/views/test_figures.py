"""The figures of a season are counted a second time, from the answers people were given."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from huiquan.actions.run_checks import run_checks
from huiquan.db.connection import Database
from huiquan.domain.cities import CITIES
from huiquan.domain.days import day_number, day_of
from huiquan.domain.figures import Nine
from huiquan.domain.refusals import Refusal
from huiquan.views.figures import Figures, figures
from tests.seasons import Season, open_season, play
from tests.shops import WUHAN, YICHANG

DAYS = 5


class Recount:
    """Every event of a season as plain rows of the base tables, without the ledger."""

    def __init__(self, tables: dict[str, list[asyncpg.Record]]) -> None:
        self.vouchers = tables["vouchers"]
        self.redemptions = tables["redemptions"]
        self.refunds = tables["refunds"]
        self.entries = tables["entries"]
        self.holder = {(v["lane"], v["idx"]): v["pid"] for v in self.vouchers}
        self.paid = {(d["lane"], d["idx"], d["lock_no"]): d for d in self.redemptions}

    def nine(self, days: Iterable[int], **where: Any) -> Nine:
        """The nine over some days; `where` names the city or the pack."""
        days = set(days)
        given = [v for v in self.vouchers if v["valid_until"] > v["issued_at"]]
        issued = [v for v in given if _day(v["issued_at"]) in days and _is(v, where)]
        redeemed = [d for d in self.redemptions if _day(d["redeemed_at"]) in days and _is(d, where)]
        returned = [
            f["to_fund_fen"]
            for f in self.refunds
            if _day(f["refunded_at"]) in days
            and _is(self.paid[f["lane"], f["idx"], f["lock_no"]], where)
        ]
        return Nine(
            issued_count=len(issued),
            issued_fen=sum(v["face_fen"] for v in issued),
            holder_count=len({v["pid"] for v in issued}),
            redeemer_count=len({self.holder[d["lane"], d["idx"]] for d in redeemed}),
            redeemed_count=len(redeemed),
            redeemed_fen=sum(d["discount_fen"] for d in redeemed),
            order_fen=sum(d["order_fen"] for d in redeemed),
            refunded_fen=sum(returned),
            redeeming_merchant_count=len({d["merchant_id"] for d in redeemed}),
        )


def _day(at: Any) -> int:
    return day_number(day_of(at))


def _is(row: Any, where: dict[str, Any]) -> bool:
    return all(row[key] == value for key, value in where.items())


async def recount(season: Season) -> Recount:
    async with season.house.app.db.reading() as tx:
        return Recount(
            {
                name: await tx.fetch(f"select * from {name}")
                for name in ("vouchers", "redemptions", "refunds", "entries")
            }
        )


async def counted(season: Season, day: int, city: str | None = None) -> Figures:
    found = await figures(season.house.app, season.campaign.campaign_id, day, city)
    assert isinstance(found, Figures), found
    return found


def days_until(last: int) -> range:
    return range(20260201, last + 1)


@pytest.mark.requirement("R2.8")
@pytest.mark.requirement("R5.8")
@pytest.mark.parametrize("seed", [1, 20260206])
async def test_the_report_equals_a_second_count_of_a_random_season(
    database: Database, seed: int
) -> None:
    season = await open_season(database, seed=seed)
    await play(season, DAYS)
    again = await recount(season)
    shared_days = 0
    for day in range(20260206, 20260206 + DAYS + 1):
        told = await counted(season, day)
        assert told.total == again.nine([day])
        assert told.cumulative == again.nine(days_until(day))
        assert {part.code: part.nine for part in told.by_city} == {
            code: again.nine([day], city=code) for code in CITIES
        }
        assert {int(part.code): part.nine for part in told.by_pack} == {
            pack: again.nine([day], pack=pack) for pack in (1, 2, 3)
        }
        assert [part.nine for part in told.by_platform] == [told.total]
        entered = [e for e in again.entries if e["day"] == day]
        assert told.entered_count == len(entered)
        assert {part.code: part.entered_count for part in told.by_city} == {
            code: sum(e["city"] == code for e in entered) for code in CITIES
        }
        shared_days += told.total.redeemed_fen > 0 and told.total.refunded_fen > 0
    assert shared_days, "some day saw redemptions and refunds"
    assert any(
        f["day"] != again.paid[f["lane"], f["idx"], f["lock_no"]]["day"] for f in again.refunds
    ), "goods came back on another day"


@pytest.mark.requirement("R2.8")
async def test_one_city_alone_is_counted_as_if_there_were_no_other(database: Database) -> None:
    season = await open_season(database)
    await play(season, 3)
    again = await recount(season)
    for city in (WUHAN, YICHANG):
        told = await counted(season, 20260207, city)
        assert told.total == again.nine([20260207], city=city)
        assert told.cumulative == again.nine(days_until(20260207), city=city)
        assert [part.code for part in told.by_city] == [city]
        assert {int(part.code): part.nine for part in told.by_pack} == {
            pack: again.nine([20260207], city=city, pack=pack) for pack in (1, 2, 3)
        }
        assert told.entered_count == sum(
            (e["day"], e["city"]) == (20260207, city) for e in again.entries
        )
        assert {one.planned_fen for one in told.trend} == {0}


@pytest.mark.requirement("R2.8")
async def test_the_trend_shows_two_weeks_with_what_was_planned(database: Database) -> None:
    season = await open_season(database)
    await play(season, 3)
    again = await recount(season)
    async with season.house.app.db.reading() as tx:
        planned = dict(await tx.fetch("select day, release_fen from config_days"))
    told = await counted(season, 20260208)
    assert len(told.trend) == 14
    assert [told.trend[0].day, told.trend[-1].day] == [20260126, 20260208]
    for one in told.trend:
        nine = again.nine([one.day])
        assert (one.issued_fen, one.redeemed_fen) == (nine.issued_fen, nine.redeemed_fen)
        assert one.planned_fen == planned.get(one.day, 0)
    assert told.trend[-1].planned_fen > 0


@pytest.mark.requirement("R2.4")
async def test_fund_rate_and_last_check_stand_beside_the_figures(database: Database) -> None:
    season = await open_season(database)
    before = await counted(season, 20260206)
    assert before.total == Nine()
    assert (before.redemption_rate_bp, before.last_check) == (0, None)
    await play(season, 3)
    run = await run_checks(season.house.app)
    told = await counted(season, 20260208)
    assert told.last_check is not None
    assert (told.last_check.ran_at, told.last_check.failed) == (run.ran_at, 0)
    so_far = told.cumulative
    exact = so_far.redeemed_fen * 10_000 / so_far.issued_fen
    assert abs(told.redemption_rate_bp - exact) <= 0.5
    fund = told.fund
    assert fund.appropriated_fen == 40_000_000
    assert fund.bank_fen + fund.paid_fen == fund.appropriated_fen
    assert fund.bank_fen == (
        fund.pool_fen
        + fund.released_fen
        + fund.reserved_fen
        + fund.returned_fen
        + fund.payable_fen
        + fund.settling_fen
    )


async def test_a_day_is_today_unless_one_is_named_and_a_campaign_must_exist(
    database: Database,
) -> None:
    season = await open_season(database, people=3)
    season.house.clock.now += timedelta(days=2)
    today = await figures(season.house.app, season.campaign.campaign_id)
    assert isinstance(today, Figures)
    assert today.day == 20260208
    assert await figures(season.house.app, 99) is Refusal.UNKNOWN_CAMPAIGN
