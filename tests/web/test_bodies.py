"""A body is read strictly: what no table can hold is refused before anything is done with it."""

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from litestar.exceptions import ValidationException

from huiquan.web.bodies import read_message

TEXTS = st.text(st.sampled_from("\x00\\u0 惠券"), max_size=12)


class Reason(msgspec.Struct):
    """A message that holds a text."""

    reason: str


@given(TEXTS, st.booleans())
@example("\\u0000", True)
@example("\\\x00", True)
@example("\\\\u0000", False)
def test_a_text_is_read_as_it_was_written_unless_it_holds_nul(text: str, ascii_only: bool) -> None:
    raw = json.dumps({"reason": text}, ensure_ascii=ascii_only).encode()
    if "\x00" in text:
        with pytest.raises(ValidationException):
            read_message(raw, Reason)
    else:
        assert read_message(raw, Reason) == Reason(reason=text)


@pytest.mark.parametrize("raw", ['{"reason": 7}', '{"reason": null}', "{}", "{", "[]", "7"])
def test_what_is_no_message_of_the_door_is_refused(raw: str) -> None:
    with pytest.raises(ValidationException):
        read_message(raw.encode(), Reason)
