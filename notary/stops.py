"""Stop and resume: a person at the signer's machine decides whether it signs.  停签与恢复

    signing --a person stops it, with name and reason--> stopped --a person resumes it--> signing

Both stand in the book for good. While stopped, nothing is signed or proved but the status, which
says so; the platform's lanes wait with their seals and are drawn in order afterwards.
"""

from datetime import datetime

from huiquan.domain.receipts import milliseconds
from notary.book import Book, StopLine

NAME_MAX = 40
REASON_MAX = 400


class BadStopError(ValueError):
    """The line cannot be written: no name, no reason, too long, or nothing would change."""


def stop_or_resume(book: Book, kind: str, name: str, reason: str, now: datetime) -> StopLine:
    """Write the line into the book, flushed to the disk before this returns.

    kind is "stop" or "resume". Refuses (BadStopError) a line without a name or a reason, and one
    that would change nothing: who stops a stopped signer should read why it was stopped.
    """
    name, reason = " ".join(name.split()), " ".join(reason.split())
    if not 0 < len(name) <= NAME_MAX:
        raise BadStopError("请填写姓名 · a name is needed")
    if not 0 < len(reason) <= REASON_MAX:
        raise BadStopError("请填写理由 · a reason is needed")
    line = StopLine(at_ms=milliseconds(now), kind=kind, name=name, reason=reason)
    with book.writing():
        is_stopped = book.stop_in_force() is not None
        if is_stopped == (kind == "stop"):
            raise BadStopError(
                "已经是停签状态 · it is stopped already"
                if is_stopped
                else "本来就在签发 · it is signing already"
            )
        book.record_stop(line)
    return line
