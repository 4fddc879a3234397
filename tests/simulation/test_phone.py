"""A text that came is read, also when the line to the phone itself breaks in between."""

from datetime import UTC, datetime

import httpx
import pytest

from huiquan.gateways.maps import load_regions
from simulation import consumer
from simulation.consumer import Consumer, Street
from simulation.door import Door, DoorFaultError
from simulation.people import make_people

PERSON = make_people(load_regions(), 1, 1)[0]
TEXT = {"items": [{"text": "【惠券】验证码 123456，五分钟内有效"}]}


def phone_of(breaks: int) -> Consumer:
    """A person whose phone's line breaks so many times."""
    left = [breaks]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/inbox":
            return httpx.Response(200, json={})
        left[0] -= 1
        if left[0] >= 0:
            raise httpx.RemoteProtocolError("the line broke", request=request)
        return httpx.Response(200, json=TEXT)

    line = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://house")
    street = Street(
        door=Door(line),
        inbox=line,
        campaign=1,
        consent_version="1",
        clock=lambda: datetime(2026, 2, 6, tzinfo=UTC),
        seed=1,
    )
    return Consumer(PERSON, street)


async def test_a_phone_whose_line_breaks_is_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer, "INBOX_WAIT_S", 0.0)
    assert await phone_of(2).receive_code(PERSON.phone) == "123456"
    with pytest.raises(DoorFaultError):
        await phone_of(99).receive_code(PERSON.phone)
