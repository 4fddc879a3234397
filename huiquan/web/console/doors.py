"""The two kinds of doors at the console: what officials look at, and what they do.  控制台接口

Each wants an official who has signed in, and nobody on the way keeps what it answers.
"""

from typing import Any

from litestar import get, post

from huiquan.web.answers import NO_STORE
from huiquan.web.callers import SECURITY

_EVERY_DOOR: dict[str, Any] = {
    "tags": ["console"],
    "security": SECURITY,
    "response_headers": [NO_STORE],
}


def page(path: str, *, operation_id: str, summary: str, **more: Any) -> get:
    """A door behind which officials look at something."""
    return get(path, operation_id=operation_id, summary=summary, **_EVERY_DOOR, **more)


def deed(path: str, *, operation_id: str, summary: str, **more: Any) -> post:
    """A door behind which an official does something, under their name."""
    return post(path, operation_id=operation_id, summary=summary, **_EVERY_DOOR, **more)
