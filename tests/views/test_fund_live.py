"""Live balances against a second count, made row by row in Python from the bare tables."""

import asyncio
import random
from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from huiquan.actions.count_fund import count_fund
from huiquan.db import checks, fund_cells, fund_counts, fund_moves, ledger
from huiquan.db.connection import Tx, open_database
from huiquan.db.fund_cells import Cell
from huiquan.views.fund_live import FIRST_DAY, LAST_DAY, LiveFund, live_fund
from tests.conftest import CITUS_URL
from tests.houses import CAMPAIGN, House

SUMS = (
    "issued",
    "reserved",
    "locked",
    "expired",
    "refunded",
    "payable",
    "settling",
    "paid",
    "late",
)


def second_count(
    tables: dict[str, list[Any]], now: Any
) -> dict[tuple[int, int, str], Counter[str]]:
    """Voucher by voucher, refund by refund: no sum of SQL's is used."""
    settled = {row["settlement_id"]: row for row in tables["settlements"]}
    early: Counter[Any] = Counter()
    late: Counter[Any] = Counter()
    for row in tables["refunds"]:
        where = late if row["late"] else early
        where[row["lane"], row["idx"], row["lock_no"]] += row["to_fund_fen"]
    spent: dict[Any, list[Any]] = {}
    for row in tables["redemptions"]:
        spent.setdefault((row["lane"], row["idx"]), []).append(row)
    cells: dict[tuple[int, int, str], Counter[str]] = {}
    for voucher in tables["vouchers"]:
        cell = cells.setdefault((voucher["day"], voucher["tier"], voucher["city"]), Counter())
        left = voucher["face_fen"]
        cell["issued"] += left
        for row in spent.get((voucher["lane"], voucher["idx"]), ()):
            key = (row["lane"], row["idx"], row["lock_no"])
            net = row["discount_fen"] - early[key]
            name = where_it_is(settled, row["settlement_id"])
            cell[name] += net
            cell["late"] += late[key]
            left -= net
        if voucher["state"] == "redeemed":
            cell["refunded"] += left
        elif voucher["state"] == "expired":
            cell["expired"] += left
        elif voucher["state"] == "locked" and voucher["locked_until"] > now:
            cell["locked"] += left
        else:
            cell["reserved"] += left
    return cells


def where_it_is(settled: dict[int, Any], number: int | None) -> str:
    """Payable, settling or paid; what bounced is where the settlement is that carries it."""
    while number is not None and settled[number]["resettled_by"] is not None:
        number = settled[number]["resettled_by"]
    if number is None or settled[number]["state"] == "bounced":
        return "payable"
    return "paid" if settled[number]["state"] == "paid" else "settling"


async def tables_of(url: str) -> dict[str, list[Any]]:
    owner = await asyncpg.connect(url)
    names = ("vouchers", "redemptions", "refunds", "settlements")
    tables = {name: await owner.fetch(f"select * from {name}") for name in names}
    await owner.close()
    return tables


async def counted_twice(url: str, house: Any) -> None:
    tables = await tables_of(url)
    ours = await cells_now(house)
    theirs = second_count(tables, house.clock.now)
    assert set(ours) == set(theirs)
    for key, cell in ours.items():
        assert {name: getattr(cell, f"{name}_fen") for name in SUMS} == {
            name: theirs[key][name] for name in SUMS
        }, key


async def the_page_adds_up(url: str, house: Any) -> None:
    await counted_twice(url, house)
    tables = await tables_of(url)
    async with house.app.db.reading() as tx:
        fund = await ledger.fund(tx, 1)
    live = await live_fund(house.app, CAMPAIGN)
    assert isinstance(live, LiveFund)
    total = live.total
    assert total.reserved_fen + total.locked_fen == fund.reserved_fen
    kept_fen = sum(
        row["recovered_fen"]
        for row in tables["settlements"]
        if row["state"] == "bounced" and row["resettled_by"] is None
    )
    assert total.payable_fen == fund.payable_fen + kept_fen
    assert total.available_fen == fund.released_fen
    for parts in (live.by_pack, live.by_tier, live.by_day):
        assert sum(part.available_fen for part in parts) == total.available_fen
        assert sum(part.paid_fen for part in parts) == total.paid_fen
    assert sum(part.issued_fen for part in live.by_city) == total.issued_fen


async def cells_now(house: Any) -> dict[tuple[int, int, str], Cell]:
    """What was kept and what came since, added up place by place."""
    async with house.app.db.reading() as tx:
        cells = await fund_cells.kept(tx, 1, FIRST_DAY, LAST_DAY)
        cells += await fund_cells.newer(tx, 1, house.clock.now)
    sums: dict[tuple[int, int, int, str], Counter[str]] = {}
    for cell in cells:
        told = asdict(cell)
        place = sums.setdefault((cell.day, cell.pack, cell.tier, cell.city), Counter())
        place.update({name: told[name] for name in told if name not in fund_cells.WHERE})
    return {
        (day, tier, city): Cell(day=day, pack=pack, tier=tier, city=city, **counted)
        for (day, pack, tier, city), counted in sums.items()
    }


@pytest.mark.requirement("R2.4")
async def test_live_balances_are_what_a_second_count_says(season: tuple[str, House]) -> None:
    url, house = season
    await the_page_adds_up(url, house)
    counted = await count_fund(house.app, CAMPAIGN, transfers_at_once=7, settlements_at_once=2)
    assert isinstance(counted, int)
    async with house.app.db.reading() as tx:
        marks = await fund_cells.marks(tx, 1)
        assert await fund_moves.due(tx, 1) == []
    assert counted == sum(mark.next_no for mark in marks)
    assert all(mark.counted_no == mark.next_no for mark in marks)
    await the_page_adds_up(url, house)
    assert await count_fund(house.app, CAMPAIGN) == 0
    await the_page_adds_up(url, house)


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("seed", [1, 2])
async def test_live_balances_are_right_wherever_the_marks_stand(
    season: tuple[str, House], seed: int
) -> None:
    """Any part of any book and any settlements may be counted; the bank goes on meanwhile."""
    url, house = season
    dice = random.Random(seed)
    owner = await asyncpg.connect(url)
    for _ in range(12):
        async with house.app.db.transaction() as tx:
            await count_some(tx, dice)
        await owner.execute(dice.choice(BANK))
        await counted_twice(url, house)
        await keeps_its_promise(owner, EARLIER)
    await count_fund(house.app, CAMPAIGN)
    await counted_twice(url, house)
    await keeps_its_promise(owner, house.clock.now)
    await owner.close()


# What a bank may say next of one settlement; the money of what bounced goes with the one after it.
BANK = (
    "update settlements set state = 'in_file' where settlement_id = ("
    "select min(settlement_id) from settlements where state = 'settled')",
    "update settlements set state = 'paid', bank_ref = 'x', paid_at = now() where settlement_id = ("
    "select min(settlement_id) from settlements where state in ('settled', 'in_file'))",
    "update settlements set state = 'bounced', bounced_at = now(), bounce_reason = 'x'"
    " where settlement_id = (select max(settlement_id) from settlements"
    " where state in ('in_file', 'paid'))",
    "update settlements b set resettled_by = (select min(s.settlement_id) from settlements s"
    " where s.merchant_id = b.merchant_id and s.settlement_id > b.settlement_id)"
    " where b.state = 'bounced' and b.resettled_by is null",
)


async def count_some(tx: Tx, dice: random.Random) -> None:
    """Count a part of one book, and some of the settlements that have moved."""
    lane = dice.choice([mark.lane for mark in await fund_cells.marks(tx, 1)])
    mark = await fund_counts.hold_mark(tx, 1, lane)
    until = dice.randint(mark.counted_no, mark.next_no)
    part = (1, lane, mark.counted_no, until)
    await fund_counts.add(tx, 1, await fund_cells.booked(tx, *part), COUNTED)
    await fund_counts.move_mark(tx, 1, mark, until)
    moves = [move for move in await fund_moves.due(tx, 1) if dice.random() < 0.4]
    await fund_counts.add(tx, 1, await fund_cells.moved(tx, 1, moves), COUNTED)
    await fund_moves.mark(tx, moves)


async def keeps_its_promise(owner: asyncpg.Connection, now: datetime) -> None:
    assert await not_kept(owner, now) == set()


async def not_kept(
    owner: asyncpg.Connection, now: datetime, since: datetime | None = None
) -> set[str]:
    """Which promise about what is kept does not hold; that about the books since some moment."""
    asked = {BOOKS: since} if since else {}
    async with owner.transaction():
        return {one.name for one in await checks.run_all(owner, now, resting=OTHERS, since=asked)}


# What has moved is counted within the hour: at this moment nothing had moved yet.
EARLIER = COUNTED = datetime(2026, 1, 1, tzinfo=UTC)
BOOKS, STEPS = "i37_live_balances_add_up", "i37_cells_are_their_steps"
STANDS = "i37_settlements_are_counted_as_they_stand"
OTHERS = {one.name for one in checks.every_check()} - {BOOKS, STEPS, STANDS}


async def test_two_counts_at_once_count_nothing_twice(season: tuple[str, House]) -> None:
    url, house = season
    other = await open_database(url, connections=2)
    twice = await asyncio.gather(
        *(
            count_fund(replace(house.app, db=database), CAMPAIGN, transfers_at_once=5)
            for database in (house.app.db, other)
        )
    )
    async with house.app.db.reading() as tx:
        marks = await fund_cells.marks(tx, 1)
    assert sum(part for part in twice if isinstance(part, int)) == sum(
        mark.next_no for mark in marks
    )
    await counted_twice(url, house)
    await asyncio.wait_for(other.close(), 10)


@pytest.mark.skipif(bool(CITUS_URL), reason="on a cluster it waits: a settlement is everywhere")
async def test_a_count_waits_for_nobody_who_holds_a_settlement(season: tuple[str, House]) -> None:
    url, house = season
    bank = await asyncpg.connect(url)
    async with bank.transaction():
        held = await bank.fetch("select settlement_id from settlements limit 3 for update")
        assert isinstance(await count_fund(house.app, CAMPAIGN, settlements_at_once=2), int)
        await counted_twice(url, house)
        left = await bank.fetch(
            "select settlement_id from settlements where counted_as = 'payable'"
        )
        assert {row["settlement_id"] for row in held} <= {row["settlement_id"] for row in left}
    await count_fund(house.app, CAMPAIGN)
    async with house.app.db.reading() as tx:
        assert await fund_moves.due(tx, 1) == []
    await counted_twice(url, house)
    await bank.close()


LIES = [
    (
        STEPS,
        "update fund_cells set spent_fen = spent_fen - 1 where spent_fen > settling_fen + paid_fen",
    ),
    (
        STEPS,
        "update fund_cells set paid_fen = paid_fen + 1, settling_fen = settling_fen - 1"
        " where settling_fen > 0",
    ),
    (STEPS, "update fund_cells set late_fen = late_fen + 1"),
    (STEPS, "update fund_cells set city = '420200' where city = '420100'"),
    (STEPS, "delete from fund_cells where issued_fen > 0"),
    (STEPS + " " + BOOKS, "update fund_steps set expired_fen = expired_fen + 1"),
    (STEPS + " " + BOOKS, "delete from fund_steps where paid_fen > 0"),
    (BOOKS, "update fund_steps set on_day = 20260131 where on_day = 20260206"),
    (BOOKS, "update fund_marks set counted_no = counted_no / 2 where lane = 0"),
    (BOOKS, "update fund_marks set counted_no = counted_no + 1"),
    (
        BOOKS + " " + STANDS,
        "update settlements set counted_as = 'settling' where counted_as = 'paid'",
    ),
    (
        STANDS,
        "update settlements set state = 'bounced', bounced_at = settled_at, bounce_reason = 'x'"
        " where state = 'paid'",
    ),
]
# As `docs/operating/trouble.md` says it.
MEND = """
    delete from fund_cells; delete from fund_steps; delete from matching_steps;
    delete from figure_steps; delete from figure_merchants; delete from fund_marks;
    update settlements set counted_as = 'payable'
"""


@pytest.mark.parametrize(("seen_by", "lie"), LIES)
async def test_balances_that_somebody_changed_are_seen(
    season: tuple[str, House], seen_by: str, lie: str
) -> None:
    url, house = season
    await count_fund(house.app, CAMPAIGN)
    owner = await asyncpg.connect(url)
    await keeps_its_promise(owner, house.clock.now)
    assert not (await owner.execute(lie)).endswith(" 0")
    assert await not_kept(owner, house.clock.now) == set(seen_by.split())
    await owner.close()


async def test_kept_balances_that_are_wrong_are_dropped_and_counted_anew(
    season: tuple[str, House],
) -> None:
    url, house = season
    await count_fund(house.app, CAMPAIGN)
    owner = await asyncpg.connect(url)
    await owner.execute("update fund_cells set late_fen = late_fen + 1")
    await owner.execute(MEND)
    await counted_twice(url, house)
    await count_fund(house.app, CAMPAIGN)
    await keeps_its_promise(owner, house.clock.now)
    await counted_twice(url, house)
    await owner.close()


async def test_what_was_counted_lately_is_asked_about_alone(season: tuple[str, House]) -> None:
    """A lie in a step of today is new, one in a step that nobody counted lately is old."""
    url, house = season
    owner = await asyncpg.connect(url)
    await count_fund(house.app, CAMPAIGN)
    now = house.clock.now
    today = int(now.strftime("%Y%m%d"))
    await owner.execute("update fund_steps set counted_at = $1", now - timedelta(days=1))
    for old, new in ((1, 0), (0, 1)):
        for day, by in (("<", old), ("=", new)):
            await owner.execute(
                f"update fund_steps set issued_fen = issued_fen + {by} where on_day {day} $1", today
            )
        seen = await not_kept(owner, now, now - timedelta(hours=1))
        assert (BOOKS in seen) == bool(new)
        assert BOOKS in await not_kept(owner, now)
    await owner.close()
