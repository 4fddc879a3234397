"""Rounds for tests: many who enter the same way each time, and signers that fail on demand."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from huiquan.db.connection import Database
from huiquan.domain.campaigns import Campaign
from huiquan.domain.draw_config import ConfigSignatures, canonical
from huiquan.domain.seal_requests import SealRequest
from huiquan.domain.signing import Purpose, signer_from
from huiquan.gateways.faults import OutsiderFault
from huiquan.jobs import rounds as loop
from huiquan.jobs.rounds import run_rounds
from tests.draining import let_enter, let_register
from tests.houses import House, make_house, publish, source_of_2026
from tests.seasons import ProvingSigner

ROUND_MAX = 20
SMALL_ROUNDS = (("round_max = 10_000", f"round_max = {ROUND_MAX}"),)

Mood = Callable[[int], str]
"""What befalls the n-th question: "" for nothing, else away, wrong, other or cut."""


@dataclass(kw_only=True)
class MoodySigner:
    """A signer with a real key in front of which things go wrong."""

    inner: Any
    mood: Mood = lambda _: ""
    asked: int = 0
    proofs: list[bytes] = field(default_factory=list)
    seals: list[bytes] = field(default_factory=list)

    @property
    def key(self) -> bytes:
        return bytes(self.inner.key)

    async def sign(self, question: SealRequest) -> bytes:
        """The proof, unless it is time for something else."""
        mood = self.mood(self.asked)
        self.asked += 1
        await asyncio.sleep(0)
        if mood == "away":
            raise OutsiderFault("signer", "timeout")
        self.seals.append(question.seal)
        proof = bytes(await self.inner.sign(question))
        self.proofs.append(proof)
        if mood == "cut":
            raise OutsiderFault("signer", "the answer was lost")
        if mood == "wrong":
            return proof[:40] + bytes((proof[40] ^ 1,)) + proof[41:]
        if mood == "other":
            return next((one for one in self.proofs if one != proof), bytes(80))
        return proof

    async def send_config(self, raw: bytes, signatures: ConfigSignatures) -> None:
        return None

    async def status(self) -> bytes:
        """Genuine, and nothing signed so far: whoever watches the house finds no gap."""
        said: dict[str, Any] = {"lanes": [], "refusals": [], "checkpoints": []}
        signature = signer_from(self.inner.seed).sign(Purpose.STATUS, canonical(said))
        return canonical({**said, "signature": signature.hex()})

    async def cosign(self, note: str, old_size: int, consistency: Sequence[bytes]) -> str:
        return str(await self.inner.cosign(note, old_size, consistency))


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """A house in which many have entered and nobody was drawn yet."""

    house: House
    campaign: Campaign
    notary: MoodySigner
    auditor: MoodySigner


async def crowd(database: Database, people: int) -> Crowd:
    """So many people have entered, each the same way in every test; rounds hold twenty."""
    notary = MoodySigner(inner=ProvingSigner(role="N", name="notary.huiquan"))
    auditor = MoodySigner(inner=ProvingSigner(role="W", name="auditor.huiquan"))
    house = make_house(database, notary=notary, auditor=auditor)
    campaign = await publish(house, source_of_2026(*SMALL_ROUNDS))
    lanes = await let_register(house, campaign, people)
    assert await let_enter(house, campaign, lanes) == people
    return Crowd(house=house, campaign=campaign, notary=notary, auditor=auditor)


@asynccontextmanager
async def rounds_running(*houses: House) -> AsyncIterator[None]:
    """The loop of a rounds process, one for each house."""
    stop = asyncio.Event()
    running = [asyncio.create_task(run_rounds(house.app, stop)) for house in houses]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*running)


async def until_drawn(house: House, wait_s: float = 120) -> None:
    """Wait until nobody waits any longer."""
    async with asyncio.timeout(wait_s):
        while True:
            async with house.app.db.reading() as tx:
                if await tx.fetchval("select bool_and(final_idx = next_idx) from lanes"):
                    return
            await asyncio.sleep(0.05)


async def drawn(house: House) -> tuple[list[Any], list[Any]]:
    """Every final and every voucher of a house, in order."""
    async with house.app.db.reading() as tx:
        finals = await tx.fetch("select lane, seq, seal, final from rounds order by lane, seq")
        vouchers = await tx.fetch(
            "select lane, idx, serial, tier, face_fen from vouchers order by lane, idx"
        )
    return [tuple(row) for row in finals], [tuple(row) for row in vouchers]


def unhurried(monkeypatch: Any) -> None:
    """Let lanes come up again at once after a fault, so that a test need not wait."""
    monkeypatch.setattr(loop, "REST_S", 0.001)
    monkeypatch.setattr(loop, "PACE_S", 0.01)
