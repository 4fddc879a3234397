"""The days that are played while the house is broken, and the quiet days after.  剧本

A day of the house is some seconds of ours: people from ten o'clock on, officials with what the day
before left them, then the night's work. Time jumps from one to the next. At the end everything is
healed, the bank tells the truth, and what is under way may end.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock_time

import asyncpg

from huiquan.domain.days import SHANGHAI, day_number
from simulation.door import DoorFaultError
from torture.books import Bookkeeper
from torture.disk import AWAY
from torture.house import House
from torture.living import all_live
from torture.officials import Desk
from torture.opening import FIRST_DAY
from torture.pace import FireClock, comes
from torture.town import Town

MINUTE_S = 60.0
DAY_S = 75.0  # of ours, at the least, but for short runs
FEWEST_DAYS, MOST_DAYS = 2, 30
PEOPLE_A_SECOND = 2.0
CROWD_SHARE = 0.6  # of a day's seconds: the rest is for those who are late, and for the night
NIGHT_SHARE = 0.25  # of a day's fire that is kept for its night
LATE_ANSWERS = timedelta(days=4)
# A web process reads what was released within two seconds.
WEB_READS_WITHIN_S = 2.5
# A job that began and was lost with its process is begun again after ten minutes of the house.
BEGUN_AGAIN = timedelta(minutes=10, seconds=30)
PATIENT_TURNS, TURN_STILL_S = 8, 20.0

Step = Callable[[str], None]


@dataclass
class Play:
    """Who takes part, and where the play stands."""

    house: House
    town: Town
    desk: Desk
    keeper: Bookkeeper
    fire: FireClock
    on: Step
    days: list[date] = field(default_factory=list)

    async def under_fire(self, minutes: float) -> None:
        """Play day after day until the fire is over; the last night belongs to the quiet."""
        lasts_s = minutes * MINUTE_S
        count = max(FEWEST_DAYS, min(MOST_DAYS, round(lasts_s / DAY_S)))
        long_s = lasts_s / count

        def is_over() -> bool:
            return len(self.days) >= (FEWEST_DAYS if self.fire.passed_s >= lasts_s else MOST_DAYS)

        today = FIRST_DAY.date()
        while True:
            self.fire.may_reach_s = long_s * (len(self.days) + 1 - NIGHT_SHARE)
            await self._day(today, long_s * CROWD_SHARE)
            self.fire.may_reach_s = long_s * len(self.days)
            if is_over():
                break
            await self._night(today)
            if is_over():
                break
            today += timedelta(days=1)
        self.fire.may_reach_s = lasts_s

    async def _day(self, today: date, crowd_s: float) -> None:
        """A day: its money is released, people come, officials do what yesterday left."""
        self.on(f"{today}: the day opens")
        self.house.clock.jump_to(at(today, 9, 59, 58))
        await self._until(lambda: self._is_released(today), f"{today} is not released")
        await asyncio.sleep(WEB_READS_WITHIN_S)
        self.days.append(today)
        newcomers, opened_s = round(crowd_s * PEOPLE_A_SECOND), self.fire.passed_s

        async def moment(at_s: float) -> None:
            """By the clock of the plan, so that people and faults come side by side."""
            await self.fire.until(min(opened_s + at_s, self.fire.may_reach_s))

        await asyncio.gather(
            all_live(self.town, day_number(today), crowd_s, newcomers, moment),
            self._office(today - timedelta(days=1)),
        )

    async def _office(self, yesterday: date) -> None:
        """What officials do in the morning; who is not answered leaves it for tomorrow."""
        if len(self.days) == 1:
            return
        try:
            await self._at_the_desk(yesterday)
        except DoorFaultError as fault:
            self.town.history.give_up(f"office: {str(fault).split('?')[0]}")
        except AssertionError as broken:
            self.town.history.break_rule(f"office: {broken!r}"[:500])

    async def _settle_accounts(self, yesterday: date) -> None:
        """The same in the quiet, where everybody has to be answered."""
        try:
            await self._at_the_desk(yesterday)
        except (DoorFaultError, AssertionError) as broken:
            self.town.history.break_rule(f"office in the quiet: {broken!r}"[:500])

    async def _at_the_desk(self, yesterday: date) -> None:
        await self.desk.sign_in()
        await self.desk.pay()
        await self.desk.hear()
        for tender in self.town.signing:
            await tender.learn()
        await self.keeper.bring_until(self.desk, yesterday)

    async def _night(self, today: date) -> None:
        """After midnight: the day's end, then everything else the timetable has until two."""
        self.on(f"{today}: the night")
        for tender in self.town.signing:
            await tender.liar.line.settle()
        self.house.clock.jump_to(at(today, 11, 0, 1))
        await self._done("reconcile_days", today)
        tomorrow = today + timedelta(days=1)
        self.house.clock.jump_to(at(tomorrow, 0, 10, 1))
        await self._done("end_day", tomorrow)
        self.house.clock.jump_to(at(tomorrow, 2, 0, 1))
        for name in ("plan_days", "bill_acquirers", "settle_day"):
            await self._done(name, tomorrow)
        # The hours until the morning pass at once; a config has to be with the signers before.
        await self._until(self._configs_are_known, "a config is not with the signers")

    async def in_quiet(self) -> None:
        """Let everything end: late people, the night, the last payments, late answers, books."""
        self.on("quiet: waiting until everything stands")
        await self._until(self._is_ready, "the house does not stand up")
        self.desk.bank.lies = {}
        self.keeper.is_honest = True
        today = self.days[-1]
        errands, self.town.errands = self.town.errands, []
        await asyncio.gather(*(one() for one in errands))
        await self._until(self._is_drawn, "entries wait for their draw")
        await self._night(today)
        for since in (1, 2):
            self.on(f"quiet: settling accounts, {since}")
            self.house.clock.jump_to(at(today + timedelta(days=since), 10, 0, 0))
            await self._settle_accounts(today + timedelta(days=since - 1))
            await self._night(today + timedelta(days=since))
        last = today + timedelta(days=2) + LATE_ANSWERS
        self.on("quiet: the bank's late answers")
        self.house.clock.jump_to(at(last, 9, 0, 0))
        await self._done("settle_day", last)
        await self._settle_accounts(last - timedelta(days=1))
        self.house.clock.jump_to(at(last + timedelta(days=1), 9, 0, 0))
        await self._done("settle_day", last + timedelta(days=1))
        await self._settle_accounts(last)
        self.house.clock.jump_to(at(last + timedelta(days=1), 11, 0, 1))
        await self._done("reconcile_days", last + timedelta(days=1))
        self.on("quiet: waiting for messages and callbacks")
        await self._until(self._nothing_waits, "messages or callbacks wait")

    async def _done(self, name: str, day: date) -> None:
        """Wait until a daily job has ended, whoever was killed over it."""
        self.on(f"waiting for {name} of {day}")

        async def has_ended() -> bool:
            return await self._ask(_ENDED, name, str(day_number(day)))

        for _ in range(PATIENT_TURNS):
            if await comes(has_ended, self._marks, TURN_STILL_S):
                return
            self.house.clock.jump(BEGUN_AGAIN)
        self.town.history.break_rule(f"{name} of {day} did not end")

    async def _until(self, is_so: Callable[[], Awaitable[bool]], otherwise: str) -> None:
        """Wait for something that has to come; when it does not, that is a promise broken."""
        if not await comes(is_so, self._marks):
            self.town.history.break_rule(f"nothing moves any more, and {otherwise}")

    async def _marks(self) -> object:
        """How far the house's work is; whether the house stands is a part of it."""
        return await self._is_ready(), await self._fetch(_MARKS)

    async def _is_ready(self) -> bool:
        return await asyncio.to_thread(self.house.is_ready)

    async def _is_released(self, today: date) -> bool:
        return await self._ask(
            "select released_at is not null from config_days where day = $1", day_number(today)
        )

    async def _is_drawn(self) -> bool:
        return await self._ask("select bool_and(final_idx = next_idx) from lanes")

    async def _configs_are_known(self) -> bool:
        return await self._ask(
            """
            select not exists (select from outbox
                                where sent_at is null and parked_at is null
                                  and kind in ('config', 'config_witness'))
            """
        )

    async def _nothing_waits(self) -> bool:
        return await self._ask(
            """
            select not exists (select from outbox
                                where sent_at is null and parked_at is null
                                  and kind not in ('config', 'config_witness'))
                   and not exists (select from callbacks where acknowledged_at is null)
            """
        )

    async def _ask(self, question: str, *values: object) -> bool:
        """Ask the tables past the lines; False while PostgreSQL is away."""
        return bool(await self._fetch(question, *values))

    async def _fetch(self, question: str, *values: object) -> object:
        """One value from the tables; None while PostgreSQL is away."""
        try:
            connection = await asyncpg.connect(self.house.database_url, timeout=5)
            try:
                return await connection.fetchval(question, *values, timeout=5)
            finally:
                connection.terminate()
        except AWAY:
            return None


_ENDED = "select finished_at is not null from job_runs where name = $1 and period = $2"
# What moves only when there is work; jobs that come every minute are not among it.
_MARKS = """
select concat_ws(' ',
       (select count(*) from config_days where released_at is not null),
       (select count(*) from configs),
       (select sum(final_idx) from lanes),
       (select count(*) from transfers),
       (select count(*) from audit),
       (select count(*) from reconciled_days),
       (select count(*) from outbox where sent_at is not null),
       (select count(*) from callbacks where acknowledged_at is not null))
"""


def at(day: date, hour: int, minute: int, second: int) -> datetime:
    """A moment of a day in Shanghai."""
    return datetime.combine(day, clock_time(hour, minute, second), SHANGHAI)
