"""Officials of a run at the console: settle, pay, hear the bank, import the books of others.  经办

Everything is done over the front as from a browser, and asked again when the line breaks. What has
no request key is asked for again as a person would do it: look at what is there, and go on.
"""

import asyncio
import hashlib
import random
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import msgspec

from huiquan.domain.bank_answers import Answer, read_answers
from huiquan.domain.online_orders import HOUSE
from huiquan.domain.refusals import Refusal
from simulation.bank import Bank, Said, read_file, write_answers
from simulation.door import Door, DoorFaultError, Json, Refused
from torture.history import History
from torture.prepare import CAMPAIGN_ID

PATH = "/api/v1/console"
TWICE = 0.3
PATIENCE_S = 60.0
WAIT_S = 0.5
UNSENT = ("drafted", "approved")
SENT = "sent"
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class Desk:
    """Two officials, the bank they deal with, and what they know of their files."""

    door: Door
    history: History
    password: str
    bank: Bank
    dice: random.Random
    clock: Callable[[], datetime]
    tokens: dict[str, str] = field(default_factory=dict)
    file_of: dict[str, int] = field(default_factory=dict)
    handed_in: set[int] = field(default_factory=set)
    unheard: list[Answer] = field(default_factory=list)

    async def sign_in(self) -> None:
        """Both sign in for the day."""
        for login in ("payer", "approver"):
            body = {"login": login, "password": self.password}
            opened = await self.door.ask(f"POST {PATH}/sessions", body)
            assert not isinstance(opened, Refused), opened
            self.tokens[login] = str(opened["token"])

    async def pay(self) -> None:
        """Settle what is due, put it into files, have them approved by two, and send them."""
        run = await self._ask("POST settlement-runs", {"campaign": CAMPAIGN_ID})
        assert not isinstance(run, Refused), run
        await self.lift_holds()
        drafted = await self._ask("POST payment-files", {"campaign": CAMPAIGN_ID})
        if isinstance(drafted, Refused):
            assert drafted.code == Refusal.NOTHING_TO_PAY, drafted
        page = await self._ask(f"GET payment-files?campaign={CAMPAIGN_ID}")
        assert not isinstance(page, Refused), page
        for file in page["items"]:
            number = file["file_id"]
            if file["state"] in UNSENT:
                await self._send(number)
            if file["state"] in (*UNSENT, SENT) and number not in self.handed_in:
                await self._carry(number, file["amount_fen"])

    async def _send(self, number: int) -> None:
        """Two approve; then it is noted that the file goes to the bank."""
        for login in ("payer", "approver"):
            key = f"{number}/{login}"
            self.history.ask("approval", key)
            given = await self._ask(f"POST payment-files/{number}/approvals", None, login)
            if isinstance(given, Refused):
                assert given.code in (Refusal.ALREADY_APPROVED_BY_YOU, Refusal.FILE_ALREADY_SENT), (
                    given
                )
            self.history.acknowledge("approval", key, {})
        self.history.ask("file", str(number))
        sent = await self._ask(f"POST payment-files/{number}/moves", {"move": "send"})
        if isinstance(sent, Refused):
            assert sent.code == Refusal.FILE_ALREADY_SENT, sent

    async def _carry(self, number: int, amount_fen: int) -> None:
        """Carry the bytes to the bank, sometimes twice."""
        raw = await self._bytes(f"payment-files/{number}/bank-file?encoding=gbk")
        self.history.acknowledge("file", str(number), {"amount_fen": amount_fen})
        for order in read_file(raw)[1]:
            self.file_of[order.ref] = number
        for _ in range(2 if self.dice.random() < TWICE else 1):
            self.bank.take(raw, self.clock())
        self.handed_in.add(number)

    async def hear(self) -> None:
        """Hand in what the bank answers by now, file by file; sometimes twice."""
        raw = self.bank.answers(self.clock())
        if raw is not None:
            answers = read_answers(raw)
            assert not isinstance(answers, Refusal), answers
            self.unheard += answers
        files: dict[int, list[Answer]] = defaultdict(list)
        for one in self.unheard:
            files[self.file_of[one.ref]].append(one)
        for number, mine in files.items():
            for _ in range(2 if self.dice.random() < TWICE else 1):
                await self._hand_in(number, mine)
            self.unheard = [one for one in self.unheard if one not in mine]

    async def _hand_in(self, number: int, answers: list[Answer]) -> None:
        for one in answers:
            self.history.ask("answer", _name(number, one))
        text = write_answers([_said(one) for one in answers]).decode("gb18030")
        taken = await self._ask(f"POST payment-files/{number}/answers", {"csv": text})
        assert not isinstance(taken, Refused), taken
        for one in answers:
            self.history.acknowledge("answer", _name(number, one), {})

    async def lift_holds(self) -> None:
        """Somebody has asked the bank; merchants it contradicted itself about are paid again.

        What waits for an order's evidence is none of the bank's business, and stays held.
        """
        page = await self._ask("GET settlement-holds")
        assert not isinstance(page, Refused), page
        for hold in page["items"]:
            if hold["placed_by"] == HOUSE:
                continue
            lifted = await self._ask(
                f"POST settlement-holds/{hold['hold_id']}/lift", {"reason": "asked the bank"}
            )
            assert not isinstance(lifted, Refused), lifted

    async def bring(self, source: str, mapping: str, day: int | None, raw: bytes) -> None:
        """Import another's book; sometimes twice, which changes nothing."""
        key = f"{source}/{hashlib.sha256(raw).hexdigest()}"
        way = f"reconciliation/files?campaign={CAMPAIGN_ID}&source={source}&mapping={mapping}"
        way += f"&name={source}-{day or 'statement'}.csv" + (f"&day={day}" if day else "")
        for _ in range(2 if self.dice.random() < TWICE else 1):
            self.history.ask("bill", key)
            taken = await self._bring(way, raw)
            self.history.acknowledge("bill", key, {"file": taken["file"]})

    async def _bring(self, way: str, raw: bytes) -> Json:
        answer = await self._raw("POST", way, raw)
        assert answer.status_code < 300, (way, answer.status_code, answer.text[:400])
        read: Json = msgspec.json.decode(answer.content)
        return read

    async def _bytes(self, way: str) -> bytes:
        answer = await self._raw("GET", way, None)
        assert answer.status_code == 200, (way, answer.status_code, answer.text[:400])
        return answer.content

    async def _raw(self, method: str, way: str, body: bytes | None) -> httpx.Response:
        """Ask with bytes, and again until the house answers."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                answer = await self.door.line.request(
                    method,
                    f"{PATH}/{way}",
                    content=body,
                    headers={
                        "authorization": f"Bearer {self.tokens['payer']}",
                        "content-type": "application/octet-stream",
                    },
                )
                if answer.status_code not in (429, 503):
                    return answer
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline:
                raise DoorFaultError(f"{method} {way}")
            await asyncio.sleep(WAIT_S)

    async def _ask(
        self, what: str, body: Json | None = None, login: str = "payer"
    ) -> Json | Refused:
        method, way = what.split(" ", 1)
        return await self.door.ask(f"{method} {PATH}/{way}", body, token=self.tokens[login])


def _name(number: int, answer: Answer) -> str:
    outcome, amount_fen = answer.outcome.value, answer.amount_fen
    return f"{number}/{answer.ref}/{outcome}/{amount_fen}/{answer.bank_ref}"


def _said(answer: Answer) -> Said:
    return Said(
        at=NEVER,
        ref=answer.ref,
        outcome=answer.outcome,
        amount_fen=answer.amount_fen,
        bank_ref=answer.bank_ref,
        reason=answer.reason,
    )
