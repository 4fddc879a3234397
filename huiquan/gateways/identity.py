"""Identity: does this name belong to this document? The authority knows.  实名核验"""

import secrets
from dataclasses import dataclass
from typing import Protocol

import msgspec

from huiquan.domain.people import Document, IdentityAnswer
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.http import Outsider, ask, connect


class Identity(Protocol):
    """Whoever can say whether a person is real (R1.1, R3.4)."""

    async def check(self, name: str, document: Document) -> IdentityAnswer:
        """Say match or mismatch. Raises OutsiderFault if it cannot be known now."""
        ...


class _Answer(msgspec.Struct):
    question: str
    result: IdentityAnswer


@dataclass(frozen=True, kw_only=True)
class HttpIdentity:
    """The authority over HTTP. Asking twice changes nothing, so a lost answer is asked again."""

    outsider: Outsider

    async def check(self, name: str, document: Document) -> IdentityAnswer:
        """Ask, and take only an answer to this very question in one of the two known words."""
        question = secrets.token_hex(8)
        body = {
            "question": question,
            "name": name,
            "document": {"kind": document.kind, "number": document.number},
        }
        told = await ask(self.outsider, "/check", body, _Answer, tries=2)
        if told.question != question:
            raise OutsiderFault(self.outsider.name, "answered another question")
        return told.result

    async def close(self) -> None:
        """Close the connections."""
        await self.outsider.client.aclose()


def connect_identity(url: str, timeout_s: float = 2.0) -> HttpIdentity:
    """The identity authority at an address."""
    return HttpIdentity(outsider=connect("identity", url, timeout_s))
