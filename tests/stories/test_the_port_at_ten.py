"""Ten o'clock at the real port: the rush door and the rest of the house behind one address."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest

from huiquan.db.connection import Database
from huiquan.domain.receipts import entry_receipt_from_json, is_entry_receipt
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import decode_entry
from huiquan.domain.work import Task
from huiquan.settings import Settings
from huiquan.web.held_answers import HeldAnswers, Say
from huiquan.web.rush_limits import TAPS_OF_PERSON
from tests.houses import House, bearer, location, make_house, person, publish, register
from tests.ports import open_port, say
from tests.working import solve

STATEMENT = ("entry", "cfg_hash", "entered_at", "promise")


@dataclass(frozen=True, kw_only=True)
class Port:
    """A house at its port, with people who may enter."""

    house: House
    port: int
    tokens: list[str]

    def body(self, n: int = 0, **changes: Any) -> bytes:
        """The n-th person's tap."""
        tap = {
            "request_key": f"request-key-{n}",
            "client_nonce": f"{n:032x}",
            "pack": 3,
            "location": location(self.house),
        }
        return json.dumps({**tap, **changes}).encode()

    def request(self, body: bytes, n: int = 0, *headers: bytes, closing: bool = True) -> bytes:
        """The n-th person's request as raw HTTP."""
        lines = [
            b"POST /api/v1/draws HTTP/1.1",
            b"Host: house",
            b"Authorization: Bearer " + self.tokens[n].encode(),
            *headers,
        ]
        if not any(each.lower().startswith(b"transfer-encoding") for each in headers):
            lines.append(b"Content-Length: %d" % len(body))
        if closing:
            lines.append(b"Connection: close")
        return b"\r\n".join(lines) + b"\r\n\r\n" + body


def told(raw: bytes) -> tuple[int, dict[str, Any]]:
    """Status and JSON of one answer, the continuation before it left out."""
    raw = raw.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    if b"chunked" in head:
        body = b"".join(body.split(b"\r\n")[1::2])
    return int(head.split(b" ")[1]), json.loads(body)


@pytest.fixture
async def at_ten(database: Database) -> AsyncIterator[Port]:
    house = make_house(database)
    campaign = await publish(house)
    async with open_port(house.app) as port:
        tokens = []
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            for n in range(1, 9):
                answer = await register(house, client, campaign, person(n))
                assert answer.status_code == 201, answer.text
                tokens.append(answer.json()["token"])
        yield Port(house=house, port=port, tokens=tokens)


@pytest.mark.requirement("R1.3")
async def test_one_connection_asks_the_rush_door_and_then_the_rest_of_the_house(
    at_ten: Port,
) -> None:
    platform = at_ten.house.app.signer.key
    limits = httpx.Limits(max_connections=1)
    url = f"http://127.0.0.1:{at_ten.port}"
    headers = {"Authorization": f"Bearer {at_ten.tokens[0]}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=url, limits=limits, headers=headers) as client:
        first = await client.post("/api/v1/draws", content=at_ten.body())
        assert first.status_code == 200, first.text
        assert first.headers["cache-control"] == "no-store"
        receipt = entry_receipt_from_json(first.json())
        assert is_entry_receipt(receipt, platform, bytes(16))
        day = first.json()["day"]
        assert (await client.get(f"/api/v1/draws/{day}")).json()["state"] == "pending"
        again = await client.post("/api/v1/draws", content=at_ten.body())
        assert is_entry_receipt(entry_receipt_from_json(again.json()), platform, bytes(16))
        assert [again.json()[name] for name in STATEMENT] == [
            first.json()[name] for name in STATEMENT
        ]
        other = await client.post("/api/v1/draws", content=at_ten.body(request_key="another-key"))
        assert (other.status_code, other.json()["code"]) == (409, "already_entered")


async def test_requests_in_one_packet_are_answered_in_order_under_shared_signatures(
    at_ten: Port,
) -> None:
    raw = b"".join(
        at_ten.request(at_ten.body(n), n, closing=n == len(at_ten.tokens) - 1)
        for n in range(len(at_ten.tokens))
    )
    answers = (await say(at_ten.port, raw)).split(b"HTTP/1.1 ")[1:]
    receipts = [told(b"HTTP/1.1 " + one)[1] for one in answers]
    assert len(receipts) == len(at_ten.tokens)
    for n, one in enumerate(receipts):
        receipt = entry_receipt_from_json(one)
        assert decode_entry(receipt.entry).client_nonce == n.to_bytes(16)
        assert is_entry_receipt(receipt, at_ten.house.app.signer.key, n.to_bytes(16))
    assert len({one["signature"] for one in receipts}) < len(receipts)


async def test_the_usual_and_the_unusual_way_to_ask_get_the_same_answer(at_ten: Port) -> None:
    body = at_ten.body()
    ways = [
        at_ten.request(body),
        at_ten.request(
            b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body), 0, b"Transfer-Encoding: chunked"
        ),
        at_ten.request(body, 0, b"Expect: 100-continue"),
        at_ten.request(body).replace(b"HTTP/1.1", b"HTTP/1.0", 1),
    ]
    answers = [told(await say(at_ten.port, raw)) for raw in ways]
    assert {status for status, _ in answers} == {200}
    assert len({tuple(one[name] for name in STATEMENT) for _, one in answers}) == 1


BAD = {
    "nothing": (b"", Refusal.MALFORMED),
    "no JSON": (b"{", Refusal.MALFORMED),
    "no UTF-8": (b'{"request_key": "\xff\xfe"}', Refusal.MALFORMED),
    "half a letter": (b'"\xed\xa0\x80"', Refusal.MALFORMED),
    "a deep list": (b"[" * 4000, Refusal.MALFORMED),
    "deep objects": (b'{"a":' * 800, Refusal.MALFORMED),
    "another message": (b'{"a": 1}', Refusal.MALFORMED),
    "too much": (b" " * 4097, Refusal.TOO_LARGE),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_is_no_tap_gets_a_reason_by_every_way(at_ten: Port, name: str) -> None:
    body, refusal = BAD[name]
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    for raw in (
        at_ten.request(body),
        at_ten.request(chunks, 0, b"Transfer-Encoding: chunked"),
    ):
        status, problem = told(await say(at_ten.port, raw))
        assert (status, problem["code"]) == (refusal.status, refusal.value)
        assert set(problem) == {"code", "zh", "en", "detail"}


async def test_who_waits_behind_a_lane_that_is_stuck_is_told_so_and_loses_nothing(
    at_ten: Port, database: Database
) -> None:
    raw = at_ten.request(at_ten.body())
    async with database.transaction() as other:
        for lane in await other.fetch("select lane from lanes"):  # one by one, as the house does
            await other.execute("select from lanes where lane = $1 for update", lane["lane"])
        first = asyncio.create_task(say(at_ten.port, raw))
        for _ in range(600):
            waits = "select exists (select from pg_stat_activity where wait_event_type = 'Lock')"
            if await other.fetchval(waits):
                break
            await asyncio.sleep(0.05)
        turned_away = await say(at_ten.port, raw)
        assert told(turned_away)[1]["code"] == "busy"
        assert b"\r\nretry-after: " in turned_away
        assert not first.done()
    status, receipt = told(await first)
    assert status == 200
    again = told(await say(at_ten.port, raw))[1]
    assert [again[name] for name in STATEMENT] == [receipt[name] for name in STATEMENT]


async def test_when_work_is_asked_for_a_tap_needs_it_and_only_ones_own_counts(
    database: Database,
) -> None:
    house = make_house(database, settings=Settings(rate_limits=False, proof_of_work=50))
    campaign = await publish(house)
    async with (
        open_port(house.app) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        tokens, proofs = [], []
        for n in (1, 2):
            told_n = await register(house, client, campaign, person(n))
            tokens.append(told_n.json()["token"])
            task = await client.get("/api/v1/draw-task", headers=bearer(tokens[-1]))
            proofs.append(solve(msgspec.convert(task.json(), Task)))
        here = Port(house=house, port=port, tokens=tokens)
        for changes in ({}, {"proof": proofs[1]}, {"proof": "x"}):
            status, problem = told(await say(port, here.request(here.body(**changes))))
            assert (status, problem["code"]) == (422, "work_needed")
        assert told(await say(port, here.request(here.body(proof=proofs[0]))))[0] == 200
        # A proof may be shown again: the person enters once a day however often.
        assert told(await say(port, here.request(here.body(proof=proofs[0]))))[0] == 200


@pytest.mark.requirement("R1.4")
async def test_who_taps_again_is_told_the_same_without_a_place_in_any_batch(
    at_ten: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = b"".join(at_ten.request(at_ten.body(n), n, closing=False) for n in range(5))
    answers = (await say(at_ten.port, raw + at_ten.request(at_ten.body(5), 5))).split(b"HTTP/1.1 ")
    first = [told(b"HTTP/1.1 " + one) for one in answers[1:]]
    assert [status for status, _ in first] == [200] * 6

    def settle_nobody(*_: Any) -> None:
        raise AssertionError("a repeat joined a batch")

    monkeypatch.setattr("huiquan.web.rush.enter_draws", settle_nobody)
    again = [say(at_ten.port, at_ten.request(at_ten.body(n), n)) for n in range(6)]
    assert [told(one) for one in await asyncio.gather(*again)] == first
    changes: tuple[dict[str, Any], ...] = (
        {"request_key": "another-key"},
        {"pack": 2},
        {"client_nonce": "f" * 32},
    )
    changed = [say(at_ten.port, at_ten.request(at_ten.body(**one))) for one in changes]
    refused = [told(one) for one in await asyncio.gather(*changed)]
    assert [status for status, _ in refused] == [409] * 3
    codes = ["already_entered", "request_key_reused", "request_key_reused"]
    assert [problem["code"] for _, problem in refused] == codes


async def test_who_taps_again_or_has_no_pass_is_told_later_and_whoever_is_new_at_once(
    at_ten: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = at_ten.request(at_ten.body())
    receipt = told(await say(at_ten.port, raw))
    later: list[Say] = []
    monkeypatch.setattr(HeldAnswers, "hold", lambda _, say: later.append(say))
    held = [
        asyncio.create_task(say(at_ten.port, one))
        for one in (raw, raw.replace(b"Bearer ", b"Bearer x"))
    ]
    assert told(await say(at_ten.port, at_ten.request(at_ten.body(1), 1)))[0] == 200
    for _ in range(600):
        if len(later) == 2:
            break
        await asyncio.sleep(0.05)
    assert not any(one.done() for one in held)
    for say_it in later:
        say_it()
    assert told(await held[0]) == receipt
    assert told(await held[1])[1]["code"] == "unauthenticated"


async def test_who_taps_like_a_machine_is_asked_to_wait(database: Database) -> None:
    house = make_house(database, settings=Settings(rate_limits=True))
    campaign = await publish(house)
    async with (
        open_port(house.app) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        registered = await register(house, client, campaign, person(1))
        here = Port(house=house, port=port, tokens=[registered.json()["token"]])
        raw = here.request(here.body(), closing=False) * (TAPS_OF_PERSON + 5)
        answers = (await say(port, raw + here.request(here.body()))).split(b"HTTP/1.1 ")[1:]
        assert answers[0].startswith(b"200 ")
        refused = [one for one in answers if one.startswith(b"429 ")]
        assert refused
        assert all(b"\r\nretry-after: " in one for one in refused)
        assert {one[:3] for one in answers} == {b"200", b"429"}


async def test_a_pass_that_is_none_and_a_method_that_is_none(at_ten: Port) -> None:
    raw = at_ten.request(at_ten.body()).replace(b"Bearer ", b"Bearer x")
    answered = await say(at_ten.port, raw)
    assert told(answered)[1]["code"] == "unauthenticated"
    assert b"www-authenticate: Bearer" in answered
    head = at_ten.request(b"").replace(b"POST", b"HEAD", 1)
    assert (await say(at_ten.port, head)).startswith(b"HTTP/1.1 405 ")
