"""A message is read as it is written: a number is a number, never a text that looks like one.  报文

The framework would read "1000.00" as the whole number 1000. Amounts are fen: whoever sends yuan as
a text has to hear it, not to be paid a hundredth.
"""

import re
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException
from litestar.types import Empty

# A text cannot hold it in any table. It comes as an escape only, unless its backslash is escaped.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_PLACE = re.compile(r"(.*) - at `\$\.?(.*)`$", re.DOTALL)
_FLAW = "body_flaw"


class Unread:
    """Stands for a body that is no message of its door; no door takes it."""


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON is read into the message of its door, strictly."""

    async def json(self) -> Any:
        """The body as the door's message, or `Unread` with what is wrong kept for the answer.

        A body is refused where messages are checked, behind the doorkeeper: a stranger is told
        to sign in, not how to write.
        """
        if self._json is Empty:
            try:
                self._json = read_message(await self.body() or b"null", self._message_type())
            except ValidationException as flaw:
                self.scope["state"][_FLAW] = flaw
                self._json = Unread()
        return self._json

    def _message_type(self) -> Any:
        told = self.route_handler.parsed_data_field
        return Any if told is None else told.annotation


def flaw_of(request: Request[Any, Any, Any], error: ValidationException) -> ValidationException:
    """What was wrong with the body, if it was the body that was refused; else the error itself."""
    flaw: ValidationException = request.scope["state"].get(_FLAW, error)
    return flaw


def read_message(raw: bytes, message: Any) -> Any:
    """Read a body as a message. Raises ValidationException, which names the field at fault."""
    if _NUL.search(raw):
        raise ValidationException(detail="a text holds the character NUL")
    try:
        return msgspec.json.decode(raw, type=message)
    except msgspec.ValidationError as error:
        found = _PLACE.match(str(error))
        said, key = found.groups() if found else (str(error), "")
        fault = {"key": key or "data", "message": said, "source": "body"}
        raise ValidationException(detail=said, extra=[fault]) from error
    except msgspec.DecodeError as error:
        raise ValidationException(detail=f"not JSON: {error}") from error
