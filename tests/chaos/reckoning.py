"""After the faults: what was acknowledged, held against the tables and against the doors.  对账

Acknowledged things are there exactly once with exactly what was said; unknown ones at most once;
and there is nothing that nobody asked for.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from huiquan.domain.draw_config import decode_config
from huiquan.domain.receipts import (
    milliseconds,
    outcome_receipt_from_json,
)
from huiquan.domain.rounds import decode_entry
from huiquan.domain.verification_receipt import verify_outcome_receipt
from simulation.cashier import Till
from simulation.door import Refused
from tests.chaos.crowd import World, nonce_of

PROVEN_S = 60
TABLES = {
    "entry": "select request_key as key, e.* from entries e",
    "redemption": "select payment_ref as key, r.* from redemptions r",
    "refund": "select f.* from refunds f",
    "win": "select serial as key, v.* from vouchers v",
}


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The rows that people caused, as they stand after the faults."""

    entry: list[Any]
    redemption: list[Any]
    refund: list[Any]
    win: list[Any]


async def read_tables(url: str) -> Tables:
    """One look at everything."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            found = {name: await connection.fetch(sql) for name, sql in TABLES.items()}
    finally:
        await connection.close()
    return Tables(**found)


async def reckon(world: World) -> None:
    """Hold the history against tables and doors."""
    assert world.history.broken == []
    tables = await read_tables(world.house.database_url)
    _entries(world, tables)
    _wins(world, tables)
    _redemptions(world, tables)
    await _stories_at_the_till(world, tables)


def _by_key(rows: list[Any]) -> dict[str, Any]:
    found = {row["key"]: row for row in rows}
    assert len(found) == len(rows), "something happened twice"
    return found


def _entries(world: World, tables: Tables) -> None:
    rows, told = _by_key(tables.entry), world.history.of("entry")
    assert set(told) <= set(rows), "an acknowledged entry is lost"
    assert set(rows) <= world.history.asked["entry"], "an entry nobody asked for"
    assert len({row["pid"] for row in tables.entry}) == len(tables.entry)
    for key, answer in told.items():
        row, entry = rows[key], decode_entry(bytes.fromhex(answer["entry"]))
        fields = ("lane", "idx", "day", "pack", "pid", "client_nonce", "elig")
        assert all(getattr(entry, name) == row[name] for name in fields), (answer, row)
        assert answer["cfg_hash"] == row["cfg_hash"].hex()
        entered_at = datetime.fromisoformat(answer["entered_at"])
        assert milliseconds(entered_at) == milliseconds(row["entered_at"])


def _wins(world: World, tables: Tables) -> None:
    rows, told = _by_key(tables.win), world.history.of("win")
    assert set(told) <= set(rows), "a voucher that was shown is lost"
    for serial, answer in told.items():
        assert rows[serial]["face_fen"] == answer["face_fen"]


def _redemptions(world: World, tables: Tables) -> None:
    rows, told = _by_key(tables.redemption), world.history.of("redemption")
    assert set(told) <= set(rows), "an acknowledged redemption is lost"
    assert set(rows) <= world.history.asked.get("redemption", set())
    for payment, answer in told.items():
        fields = ("order_fen", "offers_fen", "net_fen", "discount_fen", "face_fen", "threshold_fen")
        assert all(answer[name] == rows[payment][name] for name in fields), (answer, rows[payment])
        assert datetime.fromisoformat(answer["redeemed_at"]) == rows[payment]["redeemed_at"]


async def _stories_at_the_till(world: World, tables: Tables) -> None:
    """What a till shows of each redemption is what it was told, with each refund once."""
    refunds, asked = world.history.of("refund"), world.history.asked.get("refund", set())
    assert len(refunds) <= len(tables.refund) <= len(asked)
    for payment, paid in world.history.of("redemption").items():
        name = paid["redemption"]
        story = await _story(world, name)
        said = ("redemption", "redeemed_at", "order_fen", "net_fen", "discount_fen", "to_pay_fen")
        assert all(story[field] == paid[field] for field in said), (payment, story, paid)
        mine = [refunds[key] for key in sorted(refunds) if key.startswith(f"{name}/")]
        assert [one for one in story["refunds"] if one in mine] == mine, (story, mine)
        assert len(story["refunds"]) <= sum(key.startswith(f"{name}/") for key in asked)
        assert story["refunded_fen"] == sum(one["amount_fen"] for one in story["refunds"])


async def _story(world: World, redemption: str) -> dict[str, Any]:
    """Ask till after till: only the store that redeemed is told."""
    for till in world.tills:
        what = f"GET /api/v1/till/redemptions/{redemption}"
        found = await world.street.door.ask(what, token=await _token(world, till))
        if not isinstance(found, Refused):
            return found
    raise AssertionError(f"no till knows the acknowledged redemption {redemption}")


async def _token(world: World, till: Till) -> str:
    """The till's token; a till that was not used yet signs in."""
    if till.token is None:
        body = {"login": till.store.login, "pin": till.store.pin}
        opened = await world.street.door.ask("POST /api/v1/till/sessions", body)
        assert not isinstance(opened, Refused), opened
        till.token = str(opened["token"])
    return till.token


async def everybody_has_a_proven_outcome(world: World) -> dict[str, int]:
    """Whoever holds a receipt gets the same one again, is told won or missed, and can prove it."""
    counts = {"won": 0, "missed": 0}
    entered = world.history.of("entry")
    for consumer in world.consumers.values():
        if consumer.key("draw", world.day) not in entered:
            continue
        found = await consumer.wait_outcome(world.day, PROVEN_S)
        assert not isinstance(found, Refused), found
        counts[found["state"]] += 1
        receipt = await _outcome_receipt(world, consumer.token)
        proof = outcome_receipt_from_json(receipt)
        raw = await _config(world, entered[consumer.key("draw", world.day)]["cfg_hash"])
        nonce = nonce_of(consumer, world.day)
        verdict = verify_outcome_receipt(proof, decode_config(raw).keys, raw, nonce)
        assert verdict.is_right, verdict
        assert verdict.unchecked == ()
        assert proof.outcome.kept == (found["state"] == "won")
    return counts


async def _outcome_receipt(world: World, token: str | None) -> dict[str, Any]:
    """The receipt, once its round stands in the log."""
    for _ in range(PROVEN_S * 2):
        what = f"GET /api/v1/draws/{world.day}/receipt"
        receipt = await world.street.door.ask(what, token=token)
        if not isinstance(receipt, Refused) and receipt["log"] is not None:
            return receipt
        await asyncio.sleep(0.5)
    raise AssertionError("a drawn round is not in the public log")


async def _config(world: World, cfg_hash: str) -> bytes:
    """The config's bytes as they were signed; a line that breaks is tried again."""
    for _ in range(PROVEN_S * 2):
        with suppress(httpx.TransportError):
            answer = await world.street.door.line.get(f"/api/v1/public/configs/{cfg_hash}")
            if answer.status_code == 200:
                return answer.content
        await asyncio.sleep(0.5)
    raise AssertionError("the config of a receipt is not public")


def promises_hold(world: World) -> None:
    """`huiquan check` finds nothing, with everything drawn and hashed again."""
    checked = world.house.command("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def day_verifies(world: World, out: Path) -> None:
    """The finished day can be exported, and verified from its folder alone."""
    exported = world.house.command("export-draws", str(world.day), "--out", str(out))
    assert exported.returncode == 0, exported.stdout + exported.stderr
    verified = world.house.command("verify", str(out))
    assert verified.returncode == 0, verified.stdout + verified.stderr
