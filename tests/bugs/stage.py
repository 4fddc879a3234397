"""The stage of a drill: a copy of the drawn day, and all that may find a bug on it.  演练台

What found it is named with the kind of the guard before it:

* `table …`: a constraint or a key of the tables refused;
* `statement …`: the guard in a statement that writes found nothing to write, or an assertion;
* `history …`: what people were told is not what they were told before, or not what is there;
* `books …`: the books of an outsider (acquirer, SMS centre, bank) tell otherwise;
* `question …`: a question of huiquan/db/checks, or what is worked out again;
* `register …`: the register does not add up for another program.
"""

import asyncio
import os
import traceback
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncpg

from huiquan.actions.run_checks import run_checks
from huiquan.app import App
from huiquan.domain.redemptions import Redemption
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from tests.drawn import Place, wind_up
from tests.houses import House
from tests.shops import Shop, Winner

T = TypeVar("T")
Call = Callable[[], Awaitable[Any]]


class StoppedError(Exception):
    """A guard refused, so the drill cannot go on."""


@dataclass(kw_only=True)
class Stage:
    """A place, what people were told on it, and what was found so far."""

    place: Place
    found: set[str] = field(default_factory=set)
    asked: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    told: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    recount: bool = False

    @property
    def house(self) -> House:
        return self.place.house

    @property
    def app(self) -> App:
        return self.place.house.app

    @property
    def code(self) -> str:
        return self.place.campaign.code

    @property
    def at(self) -> Shop:
        return self.place.at

    def winner(self, lane: int | None = None) -> Winner:
        return self.place.winner(lane)

    def expect(self, is_so: bool, otherwise: str) -> None:
        """What people or outsiders see has to be so."""
        if not is_so:
            self.found.add(otherwise)

    async def do(self, call: Awaitable[T]) -> T:
        """Do something; a guard that refuses is noted, and the drill is over."""
        try:
            return await call
        except (asyncpg.IntegrityConstraintViolationError, AssertionError) as error:
            self.found.add(_guard_in(error))
            raise StoppedError from error

    async def hear(self, kind: str, key: str, call: Awaitable[T]) -> T:
        """Ask for something under a key; whoever asks again is told the same."""
        self.asked[kind].add(key)
        answer = await self.do(call)
        if not isinstance(answer, Refusal) or key in self.told[kind]:
            before = self.told[kind].setdefault(key, answer)
            self.expect(before == answer, f"history the same {kind} was answered otherwise")
        return answer

    async def at_once(self, held: Sequence[Winner], calls: Sequence[Call]) -> list[Any]:
        """Let all run until they wait for the same vouchers, then let go; exceptions are answers.

        They are as many connections, and where a lock is missing nobody waits for it.
        """
        async with self.app.db.transaction() as holding:
            for who in held:
                await holding.execute(
                    "select from vouchers where lane = $1 and campaign_id = $2 and idx = $3 "
                    "for update",
                    *(who.voucher.lane, who.campaign_id, who.voucher.idx),
                )
            running = [asyncio.ensure_future(call()) for call in calls]
            for _ in range(100):
                waiting = await holding.fetchval("select count(*) from pg_locks where not granted")
                if waiting >= len(calls) or all(one.done() for one in running):
                    break
                await asyncio.sleep(0.01)
        answers = await asyncio.gather(*running, return_exceptions=True)
        for one in answers:
            if isinstance(one, asyncpg.IntegrityConstraintViolationError | AssertionError):
                self.found.add(_guard_in(one))
            elif isinstance(one, BaseException):
                raise one
        return list(answers)


def _guard_in(error: BaseException) -> str:
    """What refused: a constraint, an assertion of the house, or one of the people in the drill."""
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return f"table {error.constraint_name}"
    *_, last = traceback.extract_tb(error.__traceback__)
    if f"{os.sep}tests{os.sep}" in last.filename:
        return "history somebody was not served as before"
    return f"statement {str(error).splitlines()[0] if str(error) else 'asserts'}"


async def play(stage: Stage, drill: Callable[[Stage], Awaitable[None]]) -> set[str]:
    """Play a drill, let the jobs do their work, and ask every guard; gives what found something."""
    try:
        await drill(stage)
        await stage.do(wind_up(stage.place))
    except StoppedError:
        pass
    except AssertionError as error:
        stage.found.add(_guard_in(error))
    await _reckon(stage)
    run = await run_checks(stage.app, recount=stage.recount)
    stage.found |= {f"question {one.name}" for one in run.failed}
    return stage.found


async def _reckon(stage: Stage) -> None:
    """Hold what people were told against the tables: each thing once, and nothing unasked."""
    rows = await stage.place.owner.fetch(
        "select payment_ref, lane, idx, lock_no, net_fen, discount_fen from redemptions"
    )
    refunds = await stage.place.owner.fetch("select lane, idx, lock_no, refund_no from refunds")
    there: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        there[row["payment_ref"]].append(row)
    for ref, paid in stage.told["redeem"].items():
        if isinstance(paid, Redemption):
            known = (paid.lane, paid.idx, paid.lock_no)
            same = [tuple(row)[1:4] for row in there[ref]] == [known]
            stage.expect(same, "history an acknowledged redemption is not there once")
    stage.expect(set(there) <= stage.asked["redeem"], "history a redemption nobody asked for")
    told = [one for one in stage.told["refund"].values() if isinstance(one, Refund | dict)]
    is_right = len(told) <= len(refunds) <= len(stage.asked["refund"])
    stage.expect(is_right, "history refunds are not there once")
