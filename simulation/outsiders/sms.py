"""A simulated SMS centre: it keeps the texts and shows them.  模拟短信中心

A newcomer to the demonstration has no phone that rings; he opens this page and reads his code.
"""

from collections import OrderedDict, deque
from datetime import datetime
from html import escape

import msgspec

from huiquan.domain.days import SHANGHAI
from simulation.outsiders.faults import Moods, Nonsense, moody
from simulation.outsiders.wire import Answer, Answerer, Question, answer_json

_PHONES_MAX = 200_000
_TEXTS_A_PHONE = 5
_ON_PAGE = 50


class _Message(msgspec.Struct):
    message: str
    phone: str
    text: str


class _Messages(msgspec.Struct):
    messages: list[_Message]


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A text that arrived at a phone."""

    message: str
    phone: str
    text: str
    received_at: datetime


class Inbox:
    """The texts of each phone, newest first; the oldest phones and texts are forgotten."""

    def __init__(self) -> None:
        self.by_phone: OrderedDict[str, deque[Received]] = OrderedDict()
        self.newest: deque[Received] = deque(maxlen=_ON_PAGE)

    def take(self, message: _Message) -> None:
        """Keep a text once, however often it is handed over."""
        texts = self.by_phone.setdefault(message.phone, deque(maxlen=_TEXTS_A_PHONE))
        if any(text.message == message.message for text in texts):
            return
        text = Received(
            message=message.message,
            phone=message.phone,
            text=message.text,
            received_at=datetime.now(SHANGHAI),
        )
        texts.appendleft(text)
        self.newest.appendleft(text)
        if len(self.by_phone) > _PHONES_MAX:
            self.by_phone.popitem(last=False)

    def of(self, phone: str | None) -> list[Received]:
        """The texts of one phone, or the newest of all."""
        return list(self.newest if phone is None else self.by_phone.get(phone, ()))


def make_sms(moods: Moods) -> Answerer:
    """An SMS centre in some mood. Reading the inbox always works."""
    inbox = Inbox()

    async def answer(question: Question) -> Answer:
        match question.what:
            case "POST /messages":
                return _take(inbox, moods, question)
            case "POST /messages/batch":
                return _take_all(inbox, moods, question)
            case "GET /inbox":
                return answer_json({"items": inbox.of(question.asked.get("phone"))})
            case "GET /":
                page = inbox_page(inbox.of(question.asked.get("phone")))
                return Answer(body=page.encode(), content_type="text/html; charset=utf-8")
            case _:
                return answer_json({"wrong": "unknown way"}, status=404)

    return moody(moods, frozenset({"GET /inbox", "GET /"}), answer)


def _take(inbox: Inbox, moods: Moods, question: Question) -> Answer:
    message = msgspec.json.decode(question.body, type=_Message)
    nonsense = moods.nonsense()
    if nonsense is Nonsense.NOT_JSON:
        return Answer(body=b"OK")
    if nonsense is not None:
        return answer_json({"taken": "perhaps"})
    inbox.take(message)
    return answer_json({"taken": "yes"})


def _take_all(inbox: Inbox, moods: Moods, question: Question) -> Answer:
    told = msgspec.json.decode(question.body, type=_Messages)
    nonsense = moods.nonsense()
    if nonsense is Nonsense.NOT_JSON:
        return Answer(body=b"OK")
    if nonsense is not None:
        return answer_json({"taken": "perhaps"})
    for message in told.messages:
        inbox.take(message)
    return answer_json({"taken": [message.message for message in told.messages]})


_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="3">
<title>演示短信 · Demo SMS</title>
<style>
body {{ margin: 0 auto; max-width: 36rem; padding: 1.5rem 1rem; background: #f6f4f1;
  color: #241f1c; font: 1rem/1.6 system-ui, "Noto Sans CJK SC", sans-serif; }}
h1 {{ font-size: 1.25rem; margin: 0; }}
p {{ margin: .25rem 0 1rem; color: #5f5750; }}
li {{ list-style: none; margin: 0 0 .75rem; padding: .75rem 1rem; border-radius: .75rem;
  background: #fff; overflow-wrap: anywhere; }}
ul {{ margin: 0; padding: 0; }}
small {{ color: #5f5750; }}
</style>
</head>
<body>
<main>
<h1>演示短信 · Demo SMS</h1>
<p>这里显示演示环境发出的短信，不会发到真实手机。<br>
Texts of the demonstration appear here; no real phone receives them.</p>
{texts}
</main>
</body>
</html>
"""


def inbox_page(texts: list[Received]) -> str:
    """The page on which a newcomer reads a code; it looks again every three seconds."""
    rows = "".join(
        f"<li><small>{escape(text.phone)} · {text.received_at:%H:%M:%S}</small><br>"
        f"{escape(text.text)}</li>"
        for text in texts
    )
    return _PAGE.format(texts=f"<ul>{rows}</ul>" if rows else "<p>还没有短信。No texts yet.</p>")
