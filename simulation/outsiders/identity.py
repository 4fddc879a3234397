"""A simulated identity authority: nearly everybody is real.  模拟实名核验机构

A name with 伪 in it does not belong to its document, and neither does any document on the list of
known-bad numbers, to which POST /bad-documents adds.
"""

import msgspec

from simulation.outsiders.faults import Moods, Nonsense, moody
from simulation.outsiders.wire import Answer, Answerer, Question, answer_json

_FORGED = "伪"


class _Document(msgspec.Struct):
    kind: str
    number: str


class _Check(msgspec.Struct):
    question: str
    name: str
    document: _Document


class Authority:
    """Who is known to be false."""

    def __init__(self) -> None:
        self.bad_numbers: set[str] = set()

    def result(self, check: _Check) -> str:
        """Say match, or mismatch for a forged name or a known-bad number."""
        is_bad = _FORGED in check.name or check.document.number in self.bad_numbers
        return "mismatch" if is_bad else "match"


def make_identity(moods: Moods) -> Answerer:
    """An authority in some mood."""
    authority = Authority()

    async def answer(question: Question) -> Answer:
        if question.what == "POST /check":
            return _check(authority, moods, question)
        if question.what == "POST /bad-documents":
            authority.bad_numbers |= set(msgspec.json.decode(question.body, type=list[str]))
            return answer_json({"known": len(authority.bad_numbers)})
        return answer_json({"wrong": "unknown way"}, status=404)

    return moody(moods, frozenset({"POST /bad-documents"}), answer)


def _check(authority: Authority, moods: Moods, question: Question) -> Answer:
    check = msgspec.json.decode(question.body, type=_Check)
    told = {"question": check.question, "result": authority.result(check)}
    match moods.nonsense():
        case Nonsense.NOT_JSON:
            return Answer(body=b"<html>gateway</html>")
        case Nonsense.UNKNOWN_WORD:
            told["result"] = "perhaps"
        case Nonsense.OTHER_QUESTION:
            told["question"] = "0"
        case None:
            pass
    return answer_json(told)
