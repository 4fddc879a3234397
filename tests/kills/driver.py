"""Cut a flow at every statement, ask again, and hold the end against an undisturbed run.  断点驱动

A cut leaves the tables as they were, or, where a flow commits in parts, as it had committed. Asked
again with the same number it ends where an undisturbed run ends, row by row, and every check holds.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import asyncpg

from huiquan.actions.run_checks import run_checks
from huiquan.db.remembered import Remembered
from huiquan.domain.refusals import Refusal
from huiquan.web.answers import DATABASE_FAULTS
from tests.databases import Server, name_in
from tests.drawn import Ears, Place, copied, copy_of, drawn_day, dropped, signers, wind_up
from tests.houses import make_house
from tests.kills.cutting import AFTER, BEFORE, Cutter, open_cuttable
from tests.kills.flow import Flow

TABLES = """
    select relname as name
      from pg_stat_user_tables
     where schemaname = 'public'
       and relname not like 'procrastinate%'
       and relname not in ('check_runs')
     order by relname
"""
IDENTITIES = """
    select pg_get_serial_sequence(quote_ident(table_name), column_name) as sequence, table_name,
           column_name
      from information_schema.columns
     where table_schema = 'public'
       and is_identity = 'YES'
       and table_name not like 'procrastinate%'
"""
Rows = dict[str, str]
AT_ONCE = 4


@dataclass
class Chance:
    """Bytes that look random and are the same each time from the beginning."""

    drawn: int = 0

    def __call__(self, size: int) -> bytes:
        self.drawn += 1
        return hashlib.shake_256(b"again %d" % self.drawn).digest(size)


@dataclass
class Spot:
    """One copy of the moment before the request, on lines that can be cut."""

    place: Place
    cutter: Cutter
    chance: Chance
    given: Any
    tables: list[str]
    identities: list[Any]

    async def rows(self) -> Rows:
        """What stands in every table, a hash each."""
        parts = [
            f"select '{name}' as name, "
            f"md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as rows from {name} t"
            for name in self.tables
        ]
        found = await self.place.owner.fetch(" union all ".join(parts))
        return {row["name"]: row["rows"] for row in found}

    def forget(self) -> None:
        """Whoever asks after a cut may be a new process: what is read once is read once more."""
        vars(self.place.house.app.remembered).update(vars(Remembered()))

    async def number_anew(self) -> None:
        """Let numbers and random bytes that a lost transaction had drawn be drawn again, for rows
        to be compared."""
        self.chance.drawn = 0
        parts = [
            f"setval('{one['sequence']}', (select coalesce(max({one['column_name']}), 0) + 1 "
            f"from {one['table_name']}), false)"
            for one in self.identities
        ]
        await self.place.owner.execute(f"select {', '.join(parts)}")


@dataclass
class Report:
    """What came of a flow: statements it has, cuts that were made, copies that were used."""

    flow: str
    statements: int = 0
    cuts: int = 0
    copies: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class _Base:
    """A database that stands before the request, and what the request needs to know."""

    name: str
    now: datetime
    given: Any
    left: list[Any]


async def drive(
    postgres: Server,
    flow: Flow,
    *,
    is_full: bool,
    on_cut: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Cut one flow everywhere. is_full: a copy of its own for each cut, which is then asked again;
    else one that a cut left as it was serves the next cut, and the last one is asked again."""
    report, base = Report(flow=flow.name), await _prepared(postgres, flow)
    try:
        before, after, answer, count = await _undisturbed(postgres, base, flow, report)
        report.statements = count
        waiting = [(at, side) for at in range(count) for side in (BEFORE, AFTER)]

        async def work() -> None:
            while waiting:
                async with _spot(postgres, base) as spot:
                    if not waiting:
                        return  # another one took the last cut meanwhile
                    report.copies += 1
                    await _cut_while_unchanged(spot, flow, before, waiting, report, is_full, on_cut)
                    await _ask_again(spot, flow, after, answer, report)
                    # The same rows keep the same promises: who ended like the undisturbed run is
                    # not asked again, but for the last.
                    if not waiting:
                        await _check(spot, report, f"{spot.cutter.side} {spot.cutter.at}")

        async with asyncio.TaskGroup() as several:
            for _ in range(AT_ONCE if is_full else 1):
                several.create_task(work())
    finally:
        await dropped(postgres, base.name)
    return report


async def _prepared(postgres: Server, flow: Flow) -> _Base:
    """Do what goes before the request, on a copy that is then copied itself."""
    drawn = drawn_day(postgres)
    async with copy_of(postgres, drawn) as place:
        given = await flow.prepare(place)
        now, left = place.house.clock.now, place.left
        name = name_in(place.url)
        await place.owner.close()
        await place.house.app.db.close()
        base = await copied(postgres, name)
    return _Base(name=name_in(base), now=now, given=given, left=left)


@asynccontextmanager
async def _spot(postgres: Server, base: _Base) -> AsyncIterator[Spot]:
    drawn, url = drawn_day(postgres), await copied(postgres, base.name)
    owner = await asyncpg.connect(url)
    cutter, ears = Cutter(owner=owner), Ears()
    database = await open_cuttable(url, cutter)
    chance, house = Chance(), make_house(database, at=base.now, callbacks=ears, **signers())
    vault = replace(house.app.vault, random_bytes=chance)  # type: ignore[type-var]
    house = replace(house, app=replace(house.app, random_bytes=chance, vault=vault))
    place = Place(
        url=url,
        house=house,
        owner=owner,
        drawn=drawn,
        machine=replace(drawn.machine, house=house),
        ears=ears,
        left=list(base.left),
    )
    spot = Spot(
        place=place,
        cutter=cutter,
        chance=chance,
        given=base.given,
        tables=[row["name"] for row in await owner.fetch(TABLES)],
        identities=list(await owner.fetch(IDENTITIES)),
    )
    await spot.number_anew()
    try:
        yield spot
    finally:
        await owner.close()
        await asyncio.wait_for(database.close(), 10)
        await dropped(postgres, name_in(url))


async def _undisturbed(
    postgres: Server, base: _Base, flow: Flow, report: Report
) -> tuple[Rows, Rows, Any, int]:
    """The tables before and after, the answer, and how many statements it took."""
    async with _spot(postgres, base) as spot:
        before = await spot.rows()
        spot.cutter.arm()
        answer = await flow.ask(spot.place, spot.given)
        spot.cutter.rest()
        after = await spot.rows()
        told = answer if isinstance(answer, tuple) else (answer,)
        if before == after or any(isinstance(one, Refusal) for one in told):
            report.wrong.append(f"undisturbed it does nothing: {answer}")
        await _check(spot, report, "undisturbed")
        return before, after, answer, len(spot.cutter.statements)


async def _cut_while_unchanged(
    spot: Spot,
    flow: Flow,
    before: Rows,
    waiting: list[tuple[int, str]],
    report: Report,
    is_full: bool,
    on_cut: Callable[[Report], None],
) -> None:
    """Cut at one place after the other, as long as a cut leaves the tables as they were."""
    while waiting:
        at, side = waiting.pop(0)
        await spot.number_anew()
        spot.forget()
        spot.cutter.arm(at, side)
        try:
            await flow.ask(spot.place, spot.given)
        except DATABASE_FAULTS:
            pass
        except Exception as error:
            report.wrong.append(f"{side} {at}: a door would not say that it is busy: {error!r}")
        spot.cutter.rest()
        if not spot.cutter.has_cut:
            report.wrong.append(f"{side} {at}: it went another way")
        report.cuts += 1
        on_cut(report)
        if is_full or await spot.rows() != before:
            return


async def _ask_again(spot: Spot, flow: Flow, after: Rows, answer: Any, report: Report) -> None:
    """Ask with the same number: the end is that of the undisturbed run, and every check holds."""
    where = f"{spot.cutter.side} {spot.cutter.at} ({spot.cutter.statements[-1:]})"
    await spot.number_anew()
    try:
        again = await flow.ask(spot.place, spot.given)
    except Exception as error:
        report.wrong.append(f"{where}: asked again it failed: {error!r}")
        return
    rows = await spot.rows()
    if rows != after:
        others = sorted(name for name in after if rows[name] != after[name])
        report.wrong.append(f"{where}: {others} end otherwise")
    if flow.is_alike and again != answer:
        report.wrong.append(f"{where}: answered {again}, not {answer}")


async def _check(spot: Spot, report: Report, where: str) -> None:
    """After the jobs have done their work every promise holds."""
    await wind_up(spot.place)
    failed = [one.name for one in (await run_checks(spot.place.house.app)).failed]
    if failed:
        report.wrong.append(f"{where}: {failed}")
