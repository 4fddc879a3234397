"""Answers of the rush door: the same receipts and problem documents as everywhere, as bytes.  应答

Made ready before the rush where they can be, for most of what an overloaded door says is the same.
"""

import random
from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus

import msgspec

from huiquan.domain.receipts import EntryReceipt, entry_receipt_text
from huiquan.domain.refusals import Refusal
from huiquan.web.answers import INTERNAL, Problem

# Who is told to come again is told different moments, so that they do not all come at once.
RETRY_AFTER_S = range(2, 7)

_encode = msgspec.json.Encoder().encode


class Answer(msgspec.Struct, frozen=True):
    """What one request is told: status, further headers by name, body."""

    status: int
    headers: "Headers"
    body: bytes


Headers = tuple[tuple[bytes, bytes], ...]

_HEADERS: Headers = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
_RETRY = {wait_s: (b"retry-after", b"%d" % wait_s) for wait_s in RETRY_AFTER_S}
_PROBLEMS = {
    refusal: _encode(Problem(code=refusal.value, zh=refusal.zh, en=refusal.en))
    for refusal in Refusal
}
_LINES = {
    status.value: b"HTTP/1.1 %d %s\r\n" % (status.value, status.phrase.encode())
    for status in HTTPStatus
}


BROKEN = Answer(500, _HEADERS, _encode(INTERNAL))


def refused(refusal: Refusal) -> Answer:
    """The problem document of a refusal; with 429 and 503 the seconds to wait, never the same."""
    headers = _HEADERS
    if refusal.status in (429, 503):
        headers = (*headers, _RETRY[random.choice(RETRY_AFTER_S)])
    if refusal.status == 401:
        headers = (*headers, (b"www-authenticate", b"Bearer"))
    return Answer(refusal.status, headers, _PROBLEMS[refusal])


def entered(receipt: EntryReceipt) -> Answer:
    """The receipt of an entry."""
    return told(_encode(entry_receipt_text(receipt)))


def told(body: bytes) -> Answer:
    """What was asked, as JSON."""
    return Answer(200, _HEADERS, body)


def as_http(answer: Answer, general: Sequence[tuple[bytes, bytes]], *, is_last: bool) -> bytes:
    """An answer as HTTP/1.1; `general` are the headers that every answer of the server carries."""
    return b"%s%s%scontent-length: %d\r\n\r\n%s" % (
        _LINES[answer.status],
        _written(tuple(general) + answer.headers),
        b"connection: close\r\n" if is_last else b"",
        len(answer.body),
        answer.body,
    )


@lru_cache(64)  # The general ones change once a second, those of an answer are a handful.
def _written(headers: Headers) -> bytes:
    return b"".join(b"%s: %s\r\n" % header for header in headers)
