"""What a draw costs: people who enter in big batches, then rounds with real signer processes.

    python -m tests.draining --people 40000

Nothing is written past an action except the registrations. CPU time is counted, not time on the
wall: the machine may have other work. The table says microseconds of each process for each entry.
"""

import argparse
import asyncio
import hashlib
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import uvloop

from huiquan.actions.draw_round import draw_round
from huiquan.actions.enter_draws import LaneBatch, enter_draws
from huiquan.actions.seal_round import seal_round
from huiquan.actions.send_configs import send_configs
from huiquan.actions.sign_round import sign_round
from huiquan.db.connection import open_database
from huiquan.db.embedded import Embedded, create_database, start_embedded
from huiquan.db.migrate import migrate
from huiquan.domain.campaigns import Campaign
from huiquan.domain.coordinates import Datum
from huiquan.domain.days import day_number, day_of
from huiquan.domain.entering import EntryRequest
from huiquan.domain.lottery import lane_of
from huiquan.domain.receipts import EntryReceipt
from huiquan.domain.regions import Location, Place, locate
from huiquan.domain.sealing import SealedRound
from huiquan.gateways.notary import connect_signer
from huiquan.views.draws import lanes_waiting
from huiquan.web.callers import ConsumerCaller
from huiquan.web.campaign_cache import CampaignCache
from huiquan.web.outcomes import Outcomes, ShownDraw
from huiquan.web.recent_entries import RecentEntries
from tests.houses import OPEN, WUHAN, House, make_house, publish
from tests.signers import SignerProcesses, signers_at

BATCH = 500
DINING = 3
STAGES = ("seal", "sign", "draw")

Lanes = dict[int, list[bytes]]


@dataclass
class Spent:
    """CPU seconds of each process, summed over whatever was measured under one name."""

    processes: dict[str, Callable[[], float]]
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)

    @contextmanager
    def on(self, stage: str) -> Any:
        """Count what is done in this block."""
        # This process is read last here and first below, so that reading is not counted.
        before = {name: read() for name, read in reversed(self.processes.items())}
        yield
        sums = self.seconds.setdefault(stage, defaultdict(float))
        for name, read in self.processes.items():
            sums[name] += read() - before[name]

    def table(self, counts: dict[str, int]) -> str:
        """Microseconds for each entry, a line a stage."""
        names = list(self.processes)
        lines = [f"| µs of CPU an entry | {' | '.join(names)} | together |"]
        lines.append("|---|" + "---|" * (len(names) + 1))
        for stage, sums in self.seconds.items():
            each = [sums[name] * 1_000_000 / counts[stage] for name in names]
            cells = " | ".join(f"{one:.2f}" for one in [*each, sum(each)])
            lines.append(f"| {stage} | {cells} |")
        return "\n".join(lines)


def cpu_of(pid: int) -> Callable[[], float]:
    """Reads the CPU seconds of a process and of all its children so far."""
    process = psutil.Process(pid)

    def read() -> float:
        seconds = 0.0
        for one in [process, *process.children(recursive=True)]:
            try:
                times = one.cpu_times()
            except psutil.NoSuchProcess:
                continue
            seconds += times.user + times.system
        return seconds

    return read


def someone(n: int) -> bytes:
    """The pseudonym of the n-th person."""
    return hashlib.sha256(b"someone %d" % n).digest()[:16]


async def let_register(house: House, campaign: Campaign, count: int) -> Lanes:
    """Register people straight in the tables; gives everyone's pseudonym by lane."""
    lanes: Lanes = defaultdict(list)
    for n in range(count):
        pid = someone(n)
        lanes[lane_of(campaign.lane_hash, pid, campaign.lanes)].append(pid)
    async with house.app.db.transaction() as tx:
        for lane, pids in lanes.items():
            await tx.execute(
                """
                insert into registrations (lane, campaign_id, pid, registration_no, person_key,
                       phone_key, sealed, document_kind, city, evidence, rulebook_version,
                       identity_checked_at, registered_at, consent_standing)
                select $1, $2, p, encode(p, 'hex'), p, p, p, 'resident_id', '420100', '{}', 1,
                       $4, $4, 'given'
                  from unnest($3::bytea[]) p
                """,
                *(lane, campaign.campaign_id, pids, house.clock.now - timedelta(hours=1)),
            )
            await tx.execute(
                """
                insert into consents (lane, campaign_id, pid, kind, version, granted_at)
                select $1, $2, p, k, '2026-01', $4
                  from unnest($3::bytea[]) p, unnest(array['identity', 'location']) k
                """,
                *(lane, campaign.campaign_id, pids, house.clock.now - timedelta(hours=1)),
            )
    return lanes


async def let_enter(house: House, campaign: Campaign, lanes: Lanes, pack: int = DINING) -> int:
    """Everyone taps once; gives how many were let in."""
    now = house.clock.now
    fix = Location(
        lat=WUHAN[0],
        lng=WUHAN[1],
        accuracy_m=20,
        datum=Datum.WGS84,
        mocked=False,
        taken_at=now,
    )
    place = locate(house.app.regions, fix, now)
    assert isinstance(place, Place)
    entered = 0
    for lane, pids in lanes.items():
        for at in range(0, len(pids), BATCH):
            requests = [tap(pid, place, pack) for pid in pids[at : at + BATCH]]
            batch = LaneBatch(campaign=campaign, lane=lane, requests=requests)
            answers = await enter_draws(house.app, batch)
            entered += sum(isinstance(one, EntryReceipt) for one in answers)
    return entered


async def draw_all(house: House, campaign: Campaign, spent: Spent) -> int:
    """Seal, have signed and draw until nobody waits; gives the number of rounds."""
    app, rounds = house.app, 0
    while lanes := await lanes_waiting(app, campaign.campaign_id):
        for lane in lanes:
            with spent.on("seal"):
                sealed = await seal_round(app, campaign, lane)
            assert isinstance(sealed, SealedRound), sealed
            with spent.on("sign"):
                proofs = await sign_round(app, campaign, sealed)
            with spent.on("draw"):
                assert await draw_round(app, campaign, sealed, proofs)
            rounds += 1
    return rounds


async def let_ask(house: House, campaign: Campaign, lanes: Lanes) -> int:
    """Everyone asks once what they drew, many at a time; gives how many were told an outcome."""
    campaigns = CampaignCache(house.app)
    await campaigns.refresh()
    outcomes, told = Outcomes(house.app, campaigns, RecentEntries()), 0
    day = day_number(day_of(house.clock.now))
    for lane, pids in lanes.items():
        for at in range(0, len(pids), BATCH):
            answers = await asyncio.gather(
                *(
                    outcomes.shown(caller(campaign.campaign_id, lane, pid), day, 2)
                    for pid in pids[at : at + BATCH]
                )
            )
            told += sum(isinstance(one, ShownDraw) and one.state != "pending" for one in answers)
    return told


def caller(campaign_id: int, lane: int, pid: bytes) -> ConsumerCaller:
    """Whoever asks."""
    return ConsumerCaller(campaign_id=campaign_id, lane=lane, pid=pid, device=bytes(8))


def tap(pid: bytes, place: Place, pack: int = DINING) -> EntryRequest:
    """One person's tap; the same person taps the same."""
    nonce = hashlib.sha256(pid).digest()[:16]
    return EntryRequest(
        pid=pid, pack=pack, client_nonce=nonce, request_key=nonce.hex(), place=place
    )


async def measure(postgres: Embedded, home: Path, people: int, waves: int) -> str:
    """Enter everyone in waves and drain after each; gives the table."""
    url = create_database(postgres, f"draining_{int(time.time())}")
    migrate(url)
    database = await open_database(url)
    with signers_at(home, OPEN - timedelta(days=1)) as signers:
        house, campaign = await _open(database, signers)
        spent = Spent(
            {
                "rounds": time.process_time,
                "PostgreSQL": cpu_of(postgres.pid),
                **{role: cpu_of(one.pid) for role, one in signers.running.items()},
            }
        )
        lanes = await let_register(house, campaign, people)
        await _count_rows(url)
        counts: dict[str, int] = defaultdict(int)
        rounds = 0
        for wave in range(waves):
            share = {lane: pids[wave::waves] for lane, pids in lanes.items()}
            with spent.on("enter"):
                entered = await let_enter(house, campaign, share)
            rounds += await draw_all(house, campaign, spent)
            with spent.on("outcome"):
                told = await let_ask(house, campaign, share)
            counts["enter"] += entered
            counts |= dict.fromkeys(STAGES, counts["enter"])
            counts["outcome"] += told
        await _close(house)
    await database.close()
    head = f"{counts['enter']} entries in {rounds} rounds"
    return f"{head}\n\n{spent.table(counts)}"


async def _count_rows(url: str) -> None:
    """Let the planner know how large the tables are, as autovacuum would after a while."""
    owner = await asyncpg.connect(url)
    await owner.execute("analyze")
    await owner.close()


async def _open(database: Any, signers: SignerProcesses) -> tuple[House, Campaign]:
    notary = await connect_signer("notary", signers.url("notary"), 30)
    auditor = await connect_signer("auditor", signers.url("auditor"), 30)
    house = make_house(database, notary=notary, auditor=auditor)
    campaign = await publish(house)
    assert await send_configs(house.app) == 1
    signers.clock.now = OPEN
    return house, campaign


async def _close(house: House) -> None:
    await house.app.notary.close()  # type: ignore[attr-defined]
    await house.app.auditor.close()  # type: ignore[attr-defined]


def main(words: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=40_000)
    parser.add_argument("--waves", type=int, default=10)
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        postgres = start_embedded(Path(folder) / "postgres")
        try:
            home = Path(folder) / "signers"
            print(uvloop.run(measure(postgres, home, asked.people, asked.waves)))
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
