"""SMS: a short text to a phone.  短信"""

import secrets
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

from huiquan.gateways.http import Outsider, ask, connect


class Sms(Protocol):
    """Whoever carries short texts to phones."""

    async def send(self, phone: str, text_zh: str) -> None:
        """Hand a text over. Raises OutsiderFault if it was not taken."""
        ...


class _Taken(msgspec.Struct):
    taken: Literal["yes"]


@dataclass(frozen=True, kw_only=True)
class HttpSms:
    """The SMS centre over HTTP. Each text has a number, so handing it over twice sends it once."""

    outsider: Outsider

    async def send(self, phone: str, text_zh: str) -> None:
        """Hand a text over, a second time if the first brought no answer."""
        body = {"message": secrets.token_hex(8), "phone": phone, "text": text_zh}
        await ask(self.outsider, "/messages", body, _Taken, tries=2)

    async def close(self) -> None:
        """Close the connections."""
        await self.outsider.client.aclose()


def connect_sms(url: str, timeout_s: float = 2.0) -> HttpSms:
    """The SMS centre at an address."""
    return HttpSms(outsider=connect("sms", url, timeout_s))
