"""One person with a phone, who uses the public doors and nothing else.  消费者客户端"""

import asyncio
import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from huiquan.domain.refusals import Refusal
from simulation.door import Door, DoorFaultError, Json, Refused
from simulation.people import Person, Trouble

POOR_ACCURACY_M = 1800
INBOX_TURNS, INBOX_WAIT_S = 6, 0.5
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


@dataclass(frozen=True, kw_only=True)
class Street:
    """What every phone of a crowd shares: the doors, the SMS inbox, the campaign, the time."""

    door: Door
    inbox: httpx.AsyncClient
    campaign: int
    consent_version: str
    clock: Callable[[], datetime]
    seed: int | str


@dataclass
class Consumer:
    """A person's client. token is None until the person registered or signed in."""

    person: Person
    street: Street
    token: str | None = None
    unused_codes: dict[str, str] = field(default_factory=dict)

    def key(self, *names: object) -> str:
        """A request key for one thing this person does: the same when it is done again."""
        return _hash(self.street.seed, self.person.number, *names).hex()[:32]

    def nonce(self, day: int, turn: str = "") -> str:
        """What this phone puts into its entry of a day, so that the entry is its own."""
        return _hash(self.street.seed, self.person.number, "nonce", day, turn).hex()

    async def register(
        self, phone: str | None = None, accuracy_m: int | None = None
    ) -> Refused | None:
        """Register with a code from the phone; None when that worked."""
        phone = phone or self.person.phone
        code = self.unused_codes.pop(phone, None) or await self.receive_code(phone)
        if isinstance(code, Refused):
            return code
        person, street = self.person, self.street
        can_share = person.trouble is not Trouble.NO_CONSENT
        body = {
            "request_key": self.key("register", phone, code),
            "campaign": street.campaign,
            "phone": phone,
            "sms_code": code,
            "name": person.name,
            "document": {"kind": "resident_id", "number": person.document},
            "consents": {
                "identity": True,
                "location": can_share,
                "version": street.consent_version,
            },
            "location": self.location(accuracy_m),
            "device": person.device,
        }
        refused = self._enter(await street.door.ask("POST /api/v1/registrations", body))
        if refused is not None:
            self.unused_codes[phone] = code
        return refused

    async def sign_in(self) -> Refused | None:
        """Come back on the same phone; None when that worked."""
        phone = self.person.phone
        code = self.unused_codes.pop(phone, None) or await self.receive_code(phone)
        if isinstance(code, Refused):
            return code
        body = {
            "campaign": self.street.campaign,
            "phone": phone,
            "sms_code": code,
            "device": self.person.device,
        }
        return self._enter(await self.street.door.ask("POST /api/v1/sessions", body))

    def _enter(self, answer: Json | Refused) -> Refused | None:
        if isinstance(answer, Refused):
            return answer
        self.token = answer["token"]
        return None

    async def receive_code(self, phone: str) -> str | Refused:
        """Have a code sent and read it on the phone.

        Sending has no request key: if the line broke after a code went out, the house says that
        it is too soon for another, and the code is on the phone.
        """
        body = {"campaign": self.street.campaign, "phone": phone}
        sent = await self.street.door.ask("POST /api/v1/sms-codes", body)
        if isinstance(sent, Refused) and sent.code != Refusal.SMS_TOO_SOON:
            return sent
        for text in await self._texts(phone):
            found = _CODE.search(text["text"])
            if found is not None and "验证码" in text["text"]:
                return found[0]
        return sent if isinstance(sent, Refused) else Refused(code="no_text")

    async def _texts(self, phone: str) -> list[Json]:
        """What stands on the phone; it is looked at again when its own line breaks."""
        for turn in range(INBOX_TURNS):
            await asyncio.sleep(turn * INBOX_WAIT_S)
            with suppress(httpx.TransportError):
                answer = await self.street.inbox.get("/inbox", params={"phone": phone})
                return list(answer.json()["items"])
        raise DoorFaultError("nobody can read a text on this phone")

    async def draw(
        self, day: int, pack: int, *, turn: str = "", accuracy_m: int | None = None
    ) -> Json | Refused:
        """Tap on the button. Another turn is another request key, as after a new page."""
        body = {
            "request_key": self.key("draw", day, turn),
            "client_nonce": self.nonce(day, turn),
            "pack": pack,
            "location": self.location(accuracy_m),
        }
        return await self._ask("POST /api/v1/draws", body)

    async def outcome(self, day: int) -> Json | Refused:
        """How today's draw stands: pending, won or missed."""
        return await self._ask(f"GET /api/v1/draws/{day}")

    async def outcome_receipt(self, day: int) -> Json | Refused:
        """All that is needed to check the outcome without the house."""
        return await self._ask(f"GET /api/v1/draws/{day}/receipt")

    async def wait_outcome(self, day: int, wait_s: float = 30.0) -> Json | Refused:
        """Look until the draw is won or missed, twice a second; DoorFaultError when it is late."""
        for _ in range(int(wait_s * 2)):
            found = await self.outcome(day)
            if isinstance(found, Refused) or found["state"] != "pending":
                return found
            await asyncio.sleep(0.5)
        raise DoorFaultError(f"the draw of {day} is still pending after {wait_s} seconds")

    async def vouchers(self) -> list[Json]:
        """The wallet."""
        found = await self._ask("GET /api/v1/vouchers")
        return [] if isinstance(found, Refused) else list(found["items"])

    async def show_code(self, serial: str, turn: str) -> str | Refused:
        """Have the twelve digits for the till made."""
        body = {"request_key": self.key("code", serial, turn)}
        minted = await self._ask(f"POST /api/v1/vouchers/{serial}/codes", body)
        return minted if isinstance(minted, Refused) else str(minted["digits"])

    def location(self, accuracy_m: int | None = None) -> Json:
        """The phone's fix, taken a few seconds ago."""
        person = self.person
        return {
            "lat": person.lat,
            "lng": person.lng,
            "accuracy_m": accuracy_m or person.accuracy_m,
            "datum": person.datum.value,
            "mocked": person.trouble is Trouble.MOCKED,
            "taken_at": (self.street.clock() - timedelta(seconds=2)).isoformat(),
        }

    async def _ask(self, what: str, body: Json | None = None) -> Json | Refused:
        return await self.street.door.ask(what, body, token=self.token)


def _hash(*names: object) -> bytes:
    return hashlib.sha256("/".join(map(str, names)).encode()).digest()[:16]
