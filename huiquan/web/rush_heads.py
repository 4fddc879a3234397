"""Heads of rush requests: what the first lines of an HTTP request ask for.  请求头

httptools (llhttp) reads them, so that our idea of a request is that of every other server: what it
calls malformed is refused, and what is legal but unusual at this door is read elsewhere.
"""

import httptools
import msgspec

from huiquan.domain.refusals import Refusal

HEAD_MAX_BYTES = 16 * 1024
HEADERS_MAX = 64

# With one of these a request is more than a head and a body of known length.
_UNUSUAL = frozenset((b"transfer-encoding", b"expect", b"upgrade"))
_WANTED = frozenset((b"authorization", b"content-length", b"x-forwarded-for"))


class Head(msgspec.Struct, frozen=True):
    """One head: what is asked, by whom, and how many bytes it and its body take.

    is_usual: HTTP/1.1 with nothing but a plain body; is_last: the sender closes afterwards.
    """

    line: bytes
    authorization: str
    forwarded_for: str | None
    head_bytes: int
    body_bytes: int
    is_usual: bool
    is_last: bool


class _Listener:
    """Hears what httptools finds."""

    def __init__(self) -> None:
        self.target = b""
        self.is_plain = True
        self.wanted: dict[bytes, bytes] = {}
        self.count = 0

    def on_url(self, part: bytes) -> None:
        self.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        self.count += 1
        name = name.lower()
        if name in _WANTED:
            self.wanted.setdefault(name, value)
        elif name in _UNUSUAL:
            self.is_plain = False


def read_head(unread: bytes) -> Head | Refusal | None:
    """The head at the beginning of what came; None while it is not whole.

    Refuses MALFORMED, and TOO_LARGE beyond 16 kB or 64 headers.
    """
    end = unread.find(b"\r\n\r\n", 0, HEAD_MAX_BYTES) + 4
    if end < 4:
        return Refusal.TOO_LARGE if len(unread) >= HEAD_MAX_BYTES else None
    heard = _Listener()
    parser = httptools.HttpRequestParser(heard)
    try:
        parser.feed_data(unread[:end])
    except httptools.HttpParserUpgrade:
        heard.is_plain = False
    except httptools.HttpParserError:
        return Refusal.MALFORMED
    if heard.count > HEADERS_MAX:
        return Refusal.TOO_LARGE
    forwarded = heard.wanted.get(b"x-forwarded-for")
    return Head(
        line=parser.get_method() + b" " + heard.target,
        authorization=heard.wanted.get(b"authorization", b"").decode("latin-1"),
        # Each proxy adds whom it heard at the end; only the last word is our own proxy's.
        forwarded_for=forwarded.decode("latin-1").rpartition(",")[2].strip() if forwarded else None,
        head_bytes=end,
        body_bytes=int(heard.wanted.get(b"content-length", b"0")),
        is_usual=heard.is_plain and parser.get_http_version() == "1.1",
        is_last=not parser.should_keep_alive(),
    )
