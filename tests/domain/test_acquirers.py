"""Where callbacks may go, and when one is tried again."""

from datetime import datetime, timedelta

import pytest

from huiquan.domain.acquirers import decide_callback_url
from huiquan.domain.callbacks import PATIENCE, next_try_at
from huiquan.domain.days import SHANGHAI
from huiquan.domain.refusals import Refusal

NOW = datetime(2026, 2, 6, 12, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://pay.example/huiquan", True),
        ("https://pay.example:8443/a?b=c", True),
        ("http://127.0.0.1:9000/callbacks", True),
        ("http://localhost/", True),
        ("http://pay.example/", False),
        ("http://127.0.0.1.example/", False),
        ("http://127.0.0.1@pay.example/", False),
        ("https://user@pay.example/", False),
        ("ftp://pay.example/", False),
        ("https:///nowhere", False),
        ("https://pay.example/a b", False),
        ("https://pay.example/\n", False),
        ("", False),
    ],
)
def test_callbacks_go_over_https_or_to_this_machine(url: str, may: bool) -> None:
    assert decide_callback_url(url) == (url if may else Refusal.BAD_CALLBACK)


def test_a_callback_is_tried_ever_more_seldom_for_seven_days_and_then_parked() -> None:
    at, pauses = NOW, []
    while (following := next_try_at(len(pauses) + 1, NOW, at)) is not None:
        pauses.append(following - at)
        at = following
    assert pauses[:4] == [timedelta(seconds=2**n) for n in (1, 2, 3, 4)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=1)
    assert PATIENCE - timedelta(hours=1) <= at - NOW < PATIENCE
