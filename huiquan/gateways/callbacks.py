"""Telling an acquirer's machine what happened, over HTTP.  回调发送

It says that it knows by 200 and {"received": EVENT}; whatever else it says is no acknowledgement,
for a gateway in between may answer 200 to anything.
"""

from collections.abc import Mapping
from typing import Protocol

import httpx
import msgspec

from huiquan.gateways.faults import OutsiderFault

TIMEOUT_S = 5.0
ANSWER_BYTES_MAX = 4096


class Callbacks(Protocol):
    """Whoever can hand a callback over."""

    async def deliver(self, url: str, headers: Mapping[str, str], body: bytes, event: str) -> None:
        """Hand it over; OutsiderFault unless the other side says that it knows this event."""


class _Received(msgspec.Struct):
    received: str


class HttpCallbacks:
    """Callbacks over HTTP: no redirects, no proxy from the environment, five seconds."""

    async def deliver(self, url: str, headers: Mapping[str, str], body: bytes, event: str) -> None:
        """Hand one over, each on a connection of its own."""
        try:
            async with (
                httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client,
                client.stream("POST", url, content=body, headers=dict(headers)) as response,
            ):
                said = b""
                async for part in response.aiter_bytes():
                    said += part
                    if len(said) > ANSWER_BYTES_MAX:
                        raise OutsiderFault("acquirer", "an answer without end")
        except httpx.TimeoutException as error:
            raise OutsiderFault("acquirer", "timeout") from error
        except httpx.HTTPError as error:
            raise OutsiderFault("acquirer", "unreachable") from error
        if response.status_code != 200:
            raise OutsiderFault("acquirer", f"status {response.status_code}")
        try:
            received = msgspec.json.decode(said, type=_Received).received
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise OutsiderFault("acquirer", "unreadable") from error
        if received != event:
            raise OutsiderFault("acquirer", "acknowledged another event")
