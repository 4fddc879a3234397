"""SMS: a short text to a phone.  短信"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import msgspec

from huiquan.gateways.http import Outsider, ask, connect


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text to a phone. Its number stays the same when it is handed over again."""

    number: str
    phone: str = field(repr=False)
    text_zh: str = field(repr=False)


class Sms(Protocol):
    """Whoever carries short texts to phones."""

    async def send(self, phone: str, text_zh: str) -> None:
        """Hand a text over. Raises OutsiderFault if it was not taken."""
        ...

    async def send_all(self, texts: Sequence[Text]) -> frozenset[str]:
        """Hand several over at once; gives the numbers of those that were taken.

        Raises OutsiderFault if nobody knows which were.
        """
        ...


class _Taken(msgspec.Struct):
    taken: Literal["yes"]


class _AllTaken(msgspec.Struct):
    taken: list[str]


@dataclass(frozen=True, kw_only=True)
class HttpSms:
    """The SMS centre over HTTP. Each text has a number, so handing it over twice sends it once."""

    outsider: Outsider

    async def send(self, phone: str, text_zh: str) -> None:
        """Hand a text over, a second time if the first brought no answer."""
        body = _body(Text(number=secrets.token_hex(8), phone=phone, text_zh=text_zh))
        await ask(self.outsider, "/messages", body, _Taken, tries=2)

    async def send_all(self, texts: Sequence[Text]) -> frozenset[str]:
        """Hand several over at once, a second time if the first brought no answer."""
        body = {"messages": [_body(one) for one in texts]}
        told = await ask(self.outsider, "/messages/batch", body, _AllTaken, tries=2)
        return frozenset(told.taken)

    async def close(self) -> None:
        """Close the connections."""
        await self.outsider.client.aclose()


def _body(text: Text) -> dict[str, str]:
    return {"message": text.number, "phone": text.phone, "text": text.text_zh}


def connect_sms(url: str, timeout_s: float = 2.0) -> HttpSms:
    """The SMS centre at an address."""
    return HttpSms(outsider=connect("sms", url, timeout_s))
