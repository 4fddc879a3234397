"""A body is read strictly: what no table can hold is refused before anything is done with it."""

import json
import re

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from litestar.exceptions import ValidationException

from huiquan.web.acquirer.callers import Ref, StoreCode, TerminalName
from huiquan.web.bodies import read_message
from huiquan.web.merchant.slips import OfferName
from huiquan.web.orders.orders import SentText
from huiquan.web.wire import Login, RequestKeyText
from tests.tidy.source import ROOT

HOUSES = ("huiquan", "notary")

TEXTS = st.text(st.sampled_from("\x00\\u0 惠券"), max_size=12)


class Named(msgspec.Struct):
    """A message with the texts that a pattern bounds."""

    ref: Ref = "o-1"
    store: StoreCode = "jianghan"
    terminal: TerminalName = "T1"
    request_key: RequestKeyText = "request-1"
    login: Login = "till"
    offer: OfferName = "member price"
    goods: SentText = "kettle"


@pytest.mark.parametrize("name", Named.__struct_fields__)
def test_no_number_passes_with_a_line_feed_at_its_end(name: str) -> None:
    right = getattr(Named(), name)
    assert read_message(json.dumps({name: right}).encode(), Named) == Named()
    with pytest.raises(ValidationException):
        read_message(json.dumps({name: f"{right}\n"}).encode(), Named)


def test_every_pattern_of_a_message_or_a_file_ends_at_the_end() -> None:
    """In a regular expression `$` lets a line feed stand after it."""
    texts = "".join(path.read_text() for one in HOUSES for path in (ROOT / one).rglob("*.py"))
    ends = [one[-7:] for one in re.findall(r'pattern=r?f?"([^"]*\$)"', texts)]
    assert len(ends) > 30
    assert set(ends) == {r"(?!\n)$"}


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
