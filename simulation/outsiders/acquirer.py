"""A simulated acquirer's ear: takes callbacks, and lies about having taken them.  模拟收单机构

What it really heard stands under GET /heard, however it answered: so a test can tell what was lost
from what was only not acknowledged.
"""

import msgspec

from simulation.outsiders.faults import Moods, Nonsense, moody
from simulation.outsiders.wire import Answer, Answerer, Question, answer_json


class _Callback(msgspec.Struct):
    event: str


class Ear:
    """The events that were heard, in the order in which they came, doubled ones too."""

    def __init__(self) -> None:
        self.events: list[str] = []


def make_acquirer(moods: Moods) -> Answerer:
    """An ear in some mood: a wrong answer may come before or after the event was taken."""
    ear = Ear()

    async def answer(question: Question) -> Answer:
        match question.what:
            case "GET /heard":
                return answer_json({"events": ear.events})
            case "POST /callbacks":
                return _take(ear, moods, question)
            case _:
                return answer_json({"wrong": "unknown way"}, status=404)

    return moody(moods, frozenset({"GET /heard"}), answer)


def _take(ear: Ear, moods: Moods, question: Question) -> Answer:
    event = msgspec.json.decode(question.body, type=_Callback).event
    nonsense = moods.nonsense()
    if nonsense is Nonsense.OTHER_QUESTION:  # It takes another event for this one, and keeps none.
        return answer_json({"received": event[::-1]})
    ear.events.append(event)
    if nonsense is Nonsense.NOT_JSON:
        return Answer(body=b"success")
    if nonsense is Nonsense.UNKNOWN_WORD:  # It fails after it has succeeded.
        return answer_json({"wrong": "too late"}, status=500)
    return answer_json({"received": event})
