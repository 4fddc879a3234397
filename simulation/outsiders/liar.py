"""Outsiders that lie over the line: an identity authority and an SMS centre.  说谎的外部机构

A line between the house and a simulated outsider that does to each message what networks and other
people's programs do. What truly arrived and what was truly answered is kept outside the house, so
that a test can hold the two against each other. The same seed lies in the same way as far as the
house asks in the same way.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

import httpx

from simulation.outsiders.wire import Answer, Answerer, Question


class Lie(StrEnum):
    """What the line may do to one question and its answer."""

    DELAY = "delay"  # it comes late
    DUPLICATE = "duplicate"  # the question arrives twice
    REORDER = "reorder"  # the answer to an earlier question comes instead
    FORGE = "forge"  # somebody else answers, who never heard the question
    LOSE_QUESTION = "lose_question"
    LOSE_ANSWER = "lose_answer"
    ANSWER_DIFFERENTLY = "answer_differently"  # no now, and yes to the next who asks
    FAIL_AFTER_SUCCEEDING = "fail_after_succeeding"


Forger = Callable[[Question], bytes]
"""What a stranger answers who knows the way but not the number of the question."""

Unsure = Callable[[Answer], Answer]
"""The other answer an outsider might give."""


@dataclass(kw_only=True)
class LyingLine(httpx.AsyncBaseTransport):
    """Carries questions to an outsider, and lies at a rate; `fired` counts what it really did."""

    outsider: Answerer
    forge: Forger
    unsure: Unsure
    dice: random.Random
    rate: float = 0.5
    pause_s: float = 0.002
    fired: Counter[Lie] = field(default_factory=Counter)
    _deck: list[Lie] = field(default_factory=list)
    _earlier: Answer | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One question with whatever happens to it. Raises as httpx does when nothing came back."""
        what = f"{request.method} {request.url.path}"
        question = Question(what=what, asked={}, body=await request.aread())
        lie = self._next_lie() if self.dice.random() < self.rate else None
        if lie is None:
            return _response(await self._ask(question))
        self.fired[lie] += 1
        return await self._lie(lie, question)

    async def _lie(self, lie: Lie, question: Question) -> httpx.Response:
        match lie:
            case Lie.LOSE_QUESTION:
                raise httpx.ConnectError("lost on the way")
            case Lie.FORGE:
                return httpx.Response(200, content=self.forge(question))
            case Lie.DELAY:
                await asyncio.sleep(self.dice.random() * self.pause_s)
                return _response(await self._ask(question))
            case Lie.DUPLICATE:
                await self._ask(question)
                return _response(await self._ask(question))
        earlier = self._earlier
        answer = await self._ask(question)
        match lie:
            case Lie.REORDER if earlier is not None:
                return _response(earlier)
            case Lie.ANSWER_DIFFERENTLY:
                return _response(self.unsure(answer))
            case Lie.FAIL_AFTER_SUCCEEDING:
                return httpx.Response(500, content=b"{}")
            case Lie.LOSE_ANSWER:
                raise httpx.ReadTimeout("the answer is lost")
            case _:
                return _response(answer)

    async def _ask(self, question: Question) -> Answer:
        self._earlier = await self.outsider(question)
        return self._earlier

    def _next_lie(self) -> Lie:
        """Every lie comes once before any comes again."""
        if not self._deck:
            self._deck = self.dice.sample(tuple(Lie), len(Lie))
        return self._deck.pop()


def _response(answer: Answer) -> httpx.Response:
    return httpx.Response(answer.status, content=answer.body)


Listen = Callable[[Question, Answer], Awaitable[None]]
"""Whoever keeps what an outsider truly heard and truly said."""


def heard_by(outsider: Answerer, listen: Listen) -> Answerer:
    """The same outsider, with somebody who writes down what it heard and said."""

    async def answer(question: Question) -> Answer:
        said = await outsider(question)
        await listen(question, said)
        return said

    return answer
