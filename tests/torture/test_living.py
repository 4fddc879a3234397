"""People of a run ask anew where the house was slow, and call nothing broken that is not."""

from dataclasses import dataclass, field
from typing import Any, cast

from huiquan.domain.refusals import Refusal
from simulation.door import Refused
from torture.history import History
from torture.living import CODE_TURNS, _code


@dataclass
class SlowHouse:
    """Shows codes that have grown old by the time they arrive, until one has not."""

    answers: list[Any]
    asked: list[str] = field(default_factory=list)

    async def show_code(self, serial: str, turn: str) -> Any:
        self.asked.append(turn)
        return self.answers.pop(0)


@dataclass
class Watched:
    """A town of which nothing but its history is looked at."""

    history: History


OLD = Refused(code=Refusal.CODE_EXPIRED)


async def shown(*answers: object) -> tuple[str | None, list[str], History]:
    """What comes of asking for a code, the turns in which it was asked for, and the history."""
    house, history = SlowHouse(list(answers)), History()
    try:
        code = await _code(cast(Any, Watched(history)), cast(Any, house), "V1", "0/1")
    finally:
        history.close()
    return code, house.asked, history


async def test_a_code_that_grew_old_on_its_way_is_asked_for_under_another_key() -> None:
    code, asked, history = await shown(OLD, OLD, "123456789012")
    assert code == "123456789012"
    assert len(set(asked)) == 3
    assert history.broken == []


async def test_where_every_code_grows_old_somebody_goes_home_and_nothing_is_broken() -> None:
    code, _, history = await shown(*[OLD] * CODE_TURNS)
    assert (code, history.broken, history.gave_up["code"]) == (None, [], 1)


async def test_a_refusal_that_nothing_explains_is_a_promise_broken() -> None:
    code, _, history = await shown(Refused(code=Refusal.NOT_REGISTERED))
    assert code is None
    assert len(history.broken) == 1
