"""The two others: what people write, and the popular recipe.  常见写法与流行做法

They get the same taps with passes of their own kind, the same chances and plenty of stock.
"""

import asyncio
import base64
import hashlib
import hmac
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from bench.contenders import CONSTANT, Running, key_of
from bench.counts import Counted, names
from bench.house import DAY, Prepared, drop_database
from bench.taps import Taps
from huiquan.cli.processes import answers
from huiquan.db.embedded import create_database
from huiquan.domain.draw_config import decode_config
from simulation.household import kill_hard
from simulation.ports import free_ports

HERE = Path(__file__).parent
SECRET = "bench"
UNITS = 1_000_000
STILL_S = 0.3
PACKS = (1, 2, 3)
START_S = 30
NGINX = "/usr/sbin/nginx"
REDIS = "redis-server"
STOP_S = 10


def has_plain() -> bool:
    """Whether the libraries of (c) are installed."""
    return all(importlib.util.find_spec(name) for name in ("fastapi", "sqlalchemy"))


def has_recipe() -> bool:
    """Whether nginx with Lua and Redis are installed."""
    modules = Path("/usr/lib/nginx/modules/ngx_http_lua_module.so")
    library = Path("/usr/share/lua/5.1/nginx/redis.lua")
    return shutil.which(REDIS) is not None and modules.exists() and library.exists()


def chance(prepared: Prepared) -> float:
    """How likely one of our entries wins on the day that is measured, over all packs."""

    async def ask() -> bytes:
        connection = await asyncpg.connect(prepared.settings.database_url)
        try:
            body: bytes = await connection.fetchval(
                "select body from configs join config_days using (campaign_id, cfg_hash)"
                " where day = $1",
                DAY,
            )
            return body
        finally:
            await connection.close()

    tables = decode_config(asyncio.run(ask())).days[DAY].tables
    return sum(int(table[-1][0]) / 2**64 for table in tables.values()) / len(tables)


def with_passes(prepared: Prepared, kind: str) -> Taps:
    """The taps with passes of a contender's own: who, a dot, and a keyed hash of it."""
    return Taps(home=prepared.home, mint=lambda person: _pass(kind, person.number))


def _pass(kind: str, number: int) -> str:
    who = str(number)
    if kind == "plain":
        return f"{who}.{hmac.new(SECRET.encode(), who.encode(), hashlib.sha256).hexdigest()}"
    mac = hmac.digest(SECRET.encode(), who.encode(), "sha1")
    return f"{who}.{base64.b64encode(mac).decode()}"


def _wait_answer(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_S
    while not answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"it did not start; see {log}")
        time.sleep(0.05)


def _spawn(
    words: Sequence[str], log: Path, more: Mapping[str, str] = os.environ
) -> "subprocess.Popen[bytes]":
    with log.open("ab") as file:
        return subprocess.Popen(
            list(words),
            env={**os.environ, **more},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        kill_hard(process.pid)
        process.wait()


@dataclass(frozen=True, kw_only=True)
class Plain:
    """FastAPI with SQLAlchemy, one transaction for each draw, on the same PostgreSQL."""

    prepared: Prepared
    workers: int
    name: str = "plain"

    @property
    def title(self) -> str:
        """What stands in the table."""
        return f"(c) FastAPI + SQLAlchemy, {self.workers} workers"

    @contextmanager
    def running(self) -> Iterator[Running]:
        """A fresh database with the crowd's people in it, and the program on it."""
        embedded = self.prepared.embedded
        drop_database(embedded, "plain")
        address = create_database(embedded, "plain")
        asyncio.run(_fill_plain(address, self.prepared.people))
        (port,) = free_ports(1)
        url = f"http://127.0.0.1:{port}"
        log = self.prepared.home / "plain.log"
        words = [sys.executable, "-m", "uvicorn", "bench.plain.program:app", "--port", str(port)]
        words += ["--workers", str(self.workers), "--no-access-log", "--log-level", "warning"]
        more = {
            "PLAIN_SECRET": SECRET,
            "PLAIN_AHEAD_S": "0",
            "PLAIN_CHANCE": str(chance(self.prepared)),
            "PLAIN_DATABASE_URL": address.replace("postgresql://", "postgresql+asyncpg://"),
            "PYTHONPATH": str(HERE.parent),
        }
        process = _spawn(words, log, more)
        try:
            _wait_answer(url + CONSTANT, process, log)
            yield self._running(url, address, process)
        finally:
            _stop(process)
            embedded.start()
            drop_database(embedded, "plain")

    def _running(self, url: str, address: str, process: "subprocess.Popen[bytes]") -> Running:
        embedded = self.prepared.embedded
        return Running(
            url=url,
            ahead_s=0,
            taps=with_passes(self.prepared, "plain"),
            family=lambda: {"web": [process.pid], "postgres": [embedded.pid]},
            count=lambda told, in_flight: asyncio.run(_count_plain(address, told, in_flight)),
            kill=lambda: kill_hard(embedded.pid),
            restart=embedded.start,
            stored=lambda: names(address, "select request_key as name from draws"),
            name_of=key_of,
        )


_PLAIN_TABLES = """
create table people (id bigint primary key, suspended boolean not null);
create table stock (tier integer primary key, pack integer not null, face_fen integer not null,
                    units_left integer not null check (units_left >= 0));
create table draws (id bigserial primary key, person_id bigint not null references people,
                    day integer not null, pack integer not null, request_key text not null,
                    tier integer, entered_at timestamptz not null default now(),
                    unique (person_id, day));
create table vouchers (id bigserial primary key,
                       draw_id bigint not null unique references draws,
                       serial text not null unique, tier integer not null,
                       face_fen integer not null);
"""


async def _fill_plain(address: str, people: int) -> None:
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(_PLAIN_TABLES)
        await connection.execute(
            "insert into people select n, false from generate_series(0, $1::bigint - 1) n", people
        )
        rows = [(3 * pack + tier, pack, 5000, UNITS) for pack in PACKS for tier in range(3)]
        await connection.executemany("insert into stock values ($1, $2, $3, $4)", rows)
        await connection.execute("analyze")
    finally:
        await connection.close()


async def _count_plain(address: str, acknowledged: int, in_flight: int) -> Counted:
    connection = await asyncpg.connect(address)
    try:
        row = await connection.fetchrow(
            """
            select (select count(*) from draws) as entries,
                   (select count(*) from (select distinct person_id, day from draws) p) as people,
                   (select count(*) from draws where tier is not null) as kept,
                   (select count(*) from vouchers) as vouchers,
                   (select $1::bigint - sum(units_left) from stock) as taken
            """,
            UNITS * len(PACKS) * 3,
        )
    finally:
        await connection.close()
    return _judged(dict(row or {}), acknowledged, in_flight)


def _judged(numbers: dict[str, int], acknowledged: int, in_flight: int) -> Counted:
    wrong = []
    if numbers["entries"] != numbers["people"]:
        wrong.append("somebody entered twice")
    if not numbers["kept"] == numbers["vouchers"] == numbers["taken"]:
        wrong.append("wins, vouchers and stock disagree")
    if not acknowledged <= numbers["entries"] <= acknowledged + in_flight:
        wrong.append(f"{acknowledged} were acknowledged, {numbers['entries']} are there")
    return Counted(numbers=numbers, wrong=tuple(wrong))


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """nginx, Lua, and a script in Redis; fsync is Redis' word for when it writes to the disk."""

    prepared: Prepared
    fsync: str

    @property
    def name(self) -> str:
        """A short word for the command line."""
        return f"recipe-{self.fsync}"

    @property
    def title(self) -> str:
        """What stands in the table."""
        return f"(d) nginx + Lua + Redis, fsync {self.fsync}"

    @contextmanager
    def running(self) -> Iterator[Running]:
        """A fresh Redis with stock in it, and nginx before it."""
        home = self.prepared.home / "recipe"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        redis = _Redis(home, self.fsync)
        redis.start()
        nginx = None
        try:
            for pack in PACKS:
                redis.ask("set", f"stock:{pack}", str(UNITS))
            script = redis.ask("script", "load", (HERE / "recipe/enter.lua").read_text())
            (port,) = free_ports(1)
            conf = _write_recipe(home, port, script, chance(self.prepared))
            log = home / "nginx.out"
            nginx = _spawn(
                [NGINX, "-p", str(home), "-c", str(conf)], log, {"RECIPE_SECRET": SECRET}
            )
            url = f"http://127.0.0.1:{port}"
            _wait_answer(url + CONSTANT, nginx, log)
            yield self._running(url, redis, nginx)
        finally:
            if nginx is not None:
                _stop(nginx)
            redis.stop()
            shutil.rmtree(home, ignore_errors=True)

    def _running(self, url: str, redis: "_Redis", nginx: "subprocess.Popen[bytes]") -> Running:
        return Running(
            url=url,
            ahead_s=0,
            taps=with_passes(self.prepared, "recipe"),
            family=lambda: {"web": [nginx.pid], "redis": [redis.pid]},
            count=redis.count,
            kill=lambda: kill_hard(redis.pid),
            restart=redis.start,
            stored=lambda: set(redis.ask("smembers", "entered").split()),
            name_of=lambda tap: tap.token.partition(".")[0],
        )


def _write_recipe(home: Path, port: int, script: str, likely: float) -> Path:
    words = {
        "@home@": str(home),
        "@recipe@": str(home),
        "@port@": str(port),
        "@user@": "user root;" if os.geteuid() == 0 else "",
        "@script@": script,
        "@chance@": f"{likely:.9f}",
    }
    for name in ("nginx.conf", "init.lua"):
        text = (HERE / "recipe" / name).read_text()
        for word, meaning in words.items():
            text = text.replace(word, meaning)
        (home / name).write_text(text)
    return home / "nginx.conf"


class _Redis:
    """One Redis with its files in a directory, on a socket there."""

    def __init__(self, home: Path, fsync: str) -> None:
        self._home, self._fsync = home, fsync
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it has read its files."""
        words = [REDIS, "--port", "0", "--unixsocket", str(self._home / "redis.sock")]
        words += ["--dir", str(self._home), "--appendonly", "yes", "--save", ""]
        words += ["--appendfsync", self._fsync, "--daemonize", "no"]
        if self._process is not None:
            self._process.wait()
        self._process = _spawn(words, self._home / "redis.log")
        deadline = time.monotonic() + START_S
        while self.ask("ping", check=False) != "PONG":
            if time.monotonic() > deadline:
                raise RuntimeError(f"Redis did not start; see {self._home / 'redis.log'}")
            time.sleep(0.05)

    def ask(self, *words: str, check: bool = True) -> str:
        """One command, answered by Redis' own client."""
        told = subprocess.run(
            ["redis-cli", "-s", str(self._home / "redis.sock"), *words],
            capture_output=True,
            text=True,
            check=check,
        )
        return told.stdout.strip()

    def count(self, acknowledged: int, in_flight: int) -> Counted:
        """Count what is there; there are no vouchers, no ledger and no receipts to count.

        What was under way when the load was cut off is waited for: these are several questions.
        """
        entries, before = int(self.ask("scard", "entered")), -1
        while entries != before:
            time.sleep(STILL_S)
            entries, before = int(self.ask("scard", "entered")), entries
        left = sum(int(self.ask("get", f"stock:{pack}")) for pack in PACKS)
        numbers = {
            "entries": entries,
            "people": entries,
            "kept": int(self.ask("hlen", "won")),
            "vouchers": int(self.ask("llen", "events")),
            "taken": UNITS * len(PACKS) - left,
        }
        return _judged(numbers, acknowledged, in_flight)

    def stop(self) -> None:
        """Stop it."""
        if self._process is not None:
            _stop(self._process)
