"""python -m bench.acquirer: redemptions over the acquirer's door, beside a constant.  收单压测

Each order is two signed requests, lock and redeem, each committed with everything that belongs to
it. They are asked by our own client over so many connections, each waiting for its answer; the same
client asks the same server for its constant (`GET /healthz`). The requests are signed beforehand.
Commits are durable, and afterwards SQL and the house's own checks say whether every redemption that
was acknowledged is there once, with its money.
"""

import argparse
import asyncio
import base64
import json
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import uvloop
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console

from bench.acquirer_table import Run, show
from bench.acquirer_vouchers import Holder, give_vouchers
from bench.client import Answer, BrokenLineError, Lines, get
from bench.house import (
    CAMPAIGN,
    CROWD,
    HALF_PAST,
    Prepared,
    drop_database,
    level,
    prepared_house,
    server_settings,
)
from bench.load import percentile_ms
from bench.machine import about, used_by
from huiquan.actions.add_acquirer import add_acquirer
from huiquan.actions.change_rails import change_rails
from huiquan.actions.open_store import NewStore, open_store
from huiquan.actions.register_key import NewKey, register_key
from huiquan.cli.house import open_house
from huiquan.cli.processes import Processes
from huiquan.db.campaign_state import load_campaign
from huiquan.db.embedded import create_database
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.coordinates import Datum
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import Algorithm, text_to_sign, time_in_ms
from huiquan.settings import Settings, write_settings
from simulation.household import command, offset_to

console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
DATABASE = "till"
ORDER_FEN = 15_000
TO_PAY_FEN = 12_000
STORES = 20
START_S = 60
RESULTS = Path(".bench/results")


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order's two requests, ready to be sent."""

    ref: str
    lock: bytes
    redeem: bytes


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for on the command line."""
    asked = argparse.ArgumentParser(prog="python -m bench.acquirer", description=__doc__)
    asked.add_argument("--orders", type=int, default=2_000, help="orders of each run")
    asked.add_argument("--connections", default="8,32", help="connections, with commas")
    asked.add_argument("--rounds", type=int, default=3, help="runs of each kind")
    asked.add_argument("--workers", type=int, default=1, help="web processes")
    asked.add_argument("--home", type=Path, help="prepare the crowd here and keep it")
    asked.add_argument("--out", type=Path, default=RESULTS, help="where the JSON goes")
    return asked.parse_args(words)


async def prepare(settings: Settings, count: int, secret: Ed25519PrivateKey) -> list[Holder]:
    """Stores that take the rail, the acquirer with its key, and people with codes."""
    async with open_house(settings) as app:
        holders = await give_vouchers(app, CAMPAIGN, count, lambda _: None)
        async with app.db.reading() as tx:
            campaign = await load_campaign(tx, CAMPAIGN)
        assert campaign is not None
        for n in range(STORES):
            opened = await open_store(app, campaign, _store(n), "bench")
            assert not isinstance(opened, Refusal), opened
        new = Acquirer(
            acquirer_id=0,
            code="bench",
            name_zh="压测",
            name_en="bench",
            rail="demo",
            is_sandbox=False,
        )
        added = await add_acquirer(app, new, "bench")
        assert isinstance(added, Acquirer), added
        pem = secret.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        key = NewKey(acquirer="bench", key_id="bench-1", algorithm=Algorithm.ED25519, pem=pem)
        assert not isinstance(await register_key(app, key, "bench"), Refusal)
        rails = [(f"bench-{n}", "") for n in range(STORES)]
        opened_rails = await change_rails(app, "bench", rails, "bench", is_open=True)
        assert opened_rails == STORES, opened_rails
    return holders


def _store(n: int) -> NewStore:
    return NewStore(
        merchant_name=f"压测商户{n % 5}",
        uscc=f"91420100MA4KBEN{n % 5}0A",
        code=f"bench-{n}",
        name=f"压测{n}号店",
        address="武汉市江汉区江汉路 1 号",
        lat=30.5806,
        lng=114.2867,
        datum=Datum.WGS84,
        packs=(2, 3),
        login=f"bench-{n}",
        cashier_name="压测",
        pin="482913",
    )


def sign_orders(
    holders: Sequence[Holder], secret: Ed25519PrivateKey, host: str, ahead_s: float
) -> list[Order]:
    """Both requests of every order, signed for now."""
    time_ms = str(int(time_in_ms(datetime.now(UTC))) + round(ahead_s * 1000))
    orders = []
    for n, holder in enumerate(holders):
        ref = f"o-{secrets.token_hex(6)}"
        lock = {
            "order_ref": ref,
            "store": f"bench-{n % STORES}",
            "code": holder.code,
            "order_fen": ORDER_FEN,
            "offers": [],
        }
        redeem = {"order_ref": ref, "payment_ref": f"p-{ref}", "paid_fen": TO_PAY_FEN}
        orders.append(
            Order(
                ref=ref,
                lock=_request(secret, host, "/acquirer/v1/locks", lock, time_ms),
                redeem=_request(secret, host, "/acquirer/v1/redemptions", redeem, time_ms),
            )
        )
    return orders


def _request(
    secret: Ed25519PrivateKey, host: str, target: str, message: object, time_ms: str
) -> bytes:
    body, nonce = json.dumps(message).encode(), secrets.token_hex(16)
    signature = secret.sign(text_to_sign("POST", target, time_ms, nonce, body))
    head = (
        f"POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Huiquan-Key: bench-1\r\nHuiquan-Time: {time_ms}\r\nHuiquan-Nonce: {nonce}\r\n"
        f"Huiquan-Signature: {base64.b64encode(signature).decode()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def drive(run: Run, lines: Lines, orders: list[Order], told: set[str]) -> None:
    """Every connection takes the next order, locks it, redeems it, and takes the next."""

    async def ask(raw: bytes, took: list[float]) -> Answer | None:
        try:
            answer = await lines.ask(raw)
        except BrokenLineError:
            run.broken += 1
            return None
        if answer.status >= 400:
            code = str(answer.json().get("code"))
            run.refused[code] = run.refused.get(code, 0) + 1
            return None
        took.append(answer.took_s)
        return answer

    async def walk() -> None:
        while orders:
            one = orders.pop()
            locked = await ask(one.lock, run.lock_s)
            if locked and await ask(one.redeem, run.redeem_s):
                told.add(one.ref)

    began = time.monotonic()
    await asyncio.gather(*(walk() for _ in range(run.connections)))
    run.seconds = time.monotonic() - began
    run.redeemed = len(told)


async def constant(lines: Lines, connections: int, count: int) -> tuple[float, float]:
    """The same client on the server's constant answer: requests a second, and their p99 in ms."""
    raw, left, took = get(lines.host, "/healthz", "x"), [None] * count, []

    async def walk() -> None:
        while left:
            left.pop()
            took.append((await lines.ask(raw)).took_s)

    began = time.monotonic()
    await asyncio.gather(*(walk() for _ in range(connections)))
    return count / (time.monotonic() - began), percentile_ms(took, 99)


async def counted(address: str, told: set[str]) -> tuple[str, ...]:
    """What is wrong in the tables: acknowledged and not there, there and not acknowledged."""
    connection = await asyncpg.connect(address)
    try:
        rows = await connection.fetch(
            """
            select p.order_ref
              from acquirer_payments p
              join redemptions r
                on (r.lane, r.campaign_id, r.idx, r.lock_no)
                   = (p.lane, p.campaign_id, p.idx, p.lock_no)
              join transfers t
                on (t.lane, t.idx, t.kind) = (r.lane, r.idx, 'redeem')
               and t.amount_fen = r.discount_fen
            """
        )
    finally:
        await connection.close()
    there = [row["order_ref"] for row in rows]
    wrong = []
    if len(set(there)) != len(there):
        wrong.append("an order was redeemed twice")
    if told - set(there):
        wrong.append(f"{len(told - set(there))} acknowledged redemptions are lost")
    if set(there) - told:
        wrong.append(f"{len(set(there) - told)} redemptions nobody was told of")
    return tuple(wrong)


@contextmanager
def serving(prepared: Prepared, workers: int, count: int) -> Iterator[tuple[Settings, Processes]]:
    """A fresh copy of the prepared house with its web processes, and nothing else running."""
    drop_database(prepared.embedded, DATABASE)
    address = create_database(prepared.embedded, DATABASE, template=CROWD)
    level(prepared.embedded)
    settings = replace(prepared.settings, database_url=address, clock_offset_s=offset_to(HALF_PAST))
    processes = Processes(logs=prepared.home / "till-logs", environment=write_settings(settings))
    try:
        yield settings, processes
    finally:
        processes.stop()
        drop_database(prepared.embedded, DATABASE)


def measure(prepared: Prepared, asked: argparse.Namespace, connections: int) -> Run:
    """One run on a fresh copy: the constant first, then every order."""
    run, told, secret = Run(connections=connections), set[str](), Ed25519PrivateKey.generate()
    with serving(prepared, asked.workers, asked.orders) as (settings, processes):
        holders = asyncio.run(prepare(settings, asked.orders, secret))
        level(prepared.embedded)
        several = ["--workers", str(asked.workers)] if asked.workers > 1 else []
        url = f"http://{settings.host}:{settings.web_port}"
        words = ["-m", "huiquan", "serve", "web", *several]
        processes.start("web", words, ready_url=f"{url}/readyz", wait_s=START_S)
        family = {
            "web": [one.process.pid for one in processes.children],
            "postgres": [prepared.embedded.pid],
        }
        host = f"{settings.host}:{settings.web_port}"
        orders = sign_orders(holders, secret, host, settings.clock_offset_s)

        async def both() -> None:
            lines = Lines(settings.host, settings.web_port, connections)
            run.constant, run.constant_p99_ms = await constant(lines, connections, 4_000)
            before, own = used_by(family), time.process_time()
            await drive(run, lines, orders, told)
            used = used_by(family).since(before)
            run.client_cpu_us = (time.process_time() - own) / max(1, run.redeemed) * 1e6
            run.cpu_us = {name: cpu / max(1, run.redeemed) * 1e6 for name, cpu in used.items()}
            lines.close()

        uvloop.run(both())
        run.wrong = asyncio.run(counted(str(settings.database_url), told))
        checks = command(settings, "check", "--quick")
        failed = [line for line in checks.stdout.splitlines() if line.startswith("✗")]
        run.wrong += tuple(line for line in failed if "I2" in line or "I19" in line)
    return run


def main(words: Sequence[str] | None = None) -> int:
    """Measure, show, keep; exit status 1 when the tables were wrong."""
    asked = arguments(words)
    home = asked.home.resolve() if asked.home else Path(tempfile.mkdtemp(prefix="huiquan-till-"))
    runs: list[Run] = []
    try:
        with (
            console.status("preparing a house …") as status,
            prepared_house(home, asked.orders + 500, lambda _: None) as prepared,
        ):
            facts = about(home)
            found = server_settings(prepared.embedded)
            facts["PostgreSQL"] = ", ".join(f"{name} {value}" for name, value in found.items())
            for turn in range(asked.rounds):
                for connections in map(int, asked.connections.split(",")):
                    head = f"round {turn + 1} of {asked.rounds}, {connections} connections"
                    status.update(f"{head} …")
                    runs.append(measure(prepared, asked, connections))
                    console.print(f"{head}: {runs[-1].each_second:,.0f} redemptions a second")
    finally:
        if asked.home is None:
            shutil.rmtree(home, ignore_errors=True)
    show(console, runs, facts)
    path = asked.out / f"acquirer-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {"about": facts, "runs": [asdict(one) for one in runs]}
    path.write_text(json.dumps(kept, ensure_ascii=False) + "\n")
    console.print(f"the same as JSON: {path}")
    return 1 if any(one.wrong for one in runs) else 0


if __name__ == "__main__":
    raise SystemExit(main())
