"""Callbacks over HTTP: acknowledged is only what was acknowledged by its name."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from huiquan.gateways.callbacks import HttpCallbacks
from huiquan.gateways.faults import OutsiderFault
from tests.gateways.conftest import free_port, get, outsider_process, set_mood

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ear(repository: Path) -> Iterator[str]:
    with outsider_process("acquirer", repository) as url:
        yield url


async def tell(url: str, event: str) -> str:
    """Deliver one callback; says how it went."""
    body = b'{"event":"%s"}' % event.encode()
    try:
        await HttpCallbacks().deliver(f"{url}/callbacks", {}, body, event)
    except OutsiderFault as fault:
        return fault.reason
    return "acknowledged"


async def test_what_was_not_acknowledged_may_have_been_heard_and_the_contrary_never(
    ear: str,
) -> None:
    set_mood(ear, outage_rate=0.2, wrong_rate=0.6)
    told = {f"redeemed/{n}": await tell(ear, f"redeemed/{n}") for n in range(60)}
    set_mood(ear)
    heard = set(get(f"{ear}/heard").json()["events"])
    assert {event for event, how in told.items() if how == "acknowledged"} <= heard
    assert set(Counter(told.values())) == {
        *("acknowledged", "status 503", "status 500", "unreadable", "acknowledged another event")
    }
    assert any(how == "status 500" and event in heard for event, how in told.items())


async def test_who_is_not_there_has_acknowledged_nothing() -> None:
    assert await tell(f"http://127.0.0.1:{free_port()}", "redeemed/1") == "unreachable"
