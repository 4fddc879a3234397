"""Faults on demand: how badly a simulated outsider behaves, changed while it runs.  故障注入"""

import asyncio
import random
from collections import Counter
from enum import StrEnum

import msgspec

from simulation.outsiders.wire import Answer, Answerer, Question, answer_json


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How slow, how often away (503), how often answering nonsense; rates from 0 to 1."""

    latency_ms: float = 0.0
    outage_rate: float = 0.0
    wrong_rate: float = 0.0


class Nonsense(StrEnum):
    """The ways in which an answer can be wrong so that the asker is able to see it."""

    NOT_JSON = "not_json"
    UNKNOWN_WORD = "unknown_word"
    OTHER_QUESTION = "other_question"


class Moods:
    """The faults in force, and the dice that decide when they happen (the same seed, the same).

    `lies` counts how often it really was away, or answered which nonsense.
    """

    def __init__(self, faults: Faults, seed: int) -> None:
        self.faults = faults
        self.dice = random.Random(seed)
        self.lies: Counter[str] = Counter()

    def nonsense(self) -> Nonsense | None:
        """Which nonsense the next answer is to be, if any."""
        if self.dice.random() >= self.faults.wrong_rate:
            return None
        nonsense = self.dice.choice(tuple(Nonsense))
        self.lies[nonsense.value] += 1
        return nonsense

    def change(self, told: bytes) -> None:
        """Take over what a JSON object sets; what it leaves out stays as it is."""
        changed = msgspec.json.decode(told, type=dict[str, float])
        self.faults = msgspec.convert(msgspec.structs.asdict(self.faults) | changed, Faults)


def moody(moods: Moods, open_ways: frozenset[str], answer_to: Answerer) -> Answerer:
    """Put faults in front of an outsider. Control and the open ways always work."""

    async def answer(question: Question) -> Answer:
        if question.what == "POST /control":
            moods.change(question.body)
            return answer_json(moods.faults)
        if question.what == "GET /control":
            return answer_json(moods.faults)
        if question.what == "GET /lies":
            return answer_json(dict(moods.lies))
        if question.what in open_ways:
            return await answer_to(question)
        await asyncio.sleep(moods.faults.latency_ms / 1000)
        if moods.dice.random() < moods.faults.outage_rate:
            moods.lies["away"] += 1
            return answer_json({"wrong": "away"}, status=503)
        return await answer_to(question)

    return answer
