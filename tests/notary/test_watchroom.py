"""The page of whoever watches over a signer: what it shows, and who may ask it.  值守页面"""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from huiquan.domain import checkpoints, merkle
from huiquan.domain.fingerprints import fingerprint_of
from huiquan.domain.signing import Purpose, is_signed
from notary.overview import SHOWN
from notary.passcode import Passcode
from notary.program import program_mark
from notary.refusals import No, Refused
from notary.serve import Door
from notary.status import SHOWN as SIGNED_SHOWN
from notary.watchroom import BODY_MAX, Watchroom, hosts_of
from notary.witness import cosign_checkpoint
from tests.domain.draw_days import KEYS, SIGNERS
from tests.notary.houses import Pair, answer, request_for
from tests.notary.test_desk import rivals
from tests.notary.test_witness import FORK, HASHES, ORIGIN, cosign, note_of

HOST = "http://127.0.0.1:8621"


@pytest.fixture
def console() -> list[str]:
    """What the signer's console shows."""
    return []


@pytest.fixture
async def client(pair: Pair, console: list[str]) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on the notary's machine."""
    room = Watchroom(
        desk=pair.notary,
        home=pair.home / "notary",
        hosts=hosts_of("127.0.0.1", 8621),
        passcode=Passcode(show=console.append, draw=lambda: "12345678"),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=room), base_url=HOST) as client:
        yield client


async def test_the_page_loads_nothing_from_outside(client: httpx.AsyncClient) -> None:
    for path in ("/", "/page.css", "/page.js"):
        told = await client.get(path)
        assert told.status_code == 200
        assert "default-src 'none'" in told.headers["content-security-policy"]
        assert not re.search(r"https?:|(src|href)=\"(?!/|#)|url\(|@import", told.text)


async def test_it_shows_what_was_signed_refused_and_seen(
    pair: Pair, client: httpx.AsyncClient
) -> None:
    pair.draw(0)
    pair.draw(0)
    pair.draw(1)
    seal, taken, _ = pair.asked[1]
    (rival,) = rivals(pair.day, taken, seal, 1)
    answer(pair.notary, rival)
    shown = (await client.get("/overview")).json()
    assert [(one["lane"], one["rounds"]) for one in shown["lanes"]] == [(0, 2), (1, 1)]
    assert shown["fingerprint"] == fingerprint_of(bytes.fromhex(KEYS.notary))
    assert shown["program"] == program_mark()
    assert [one["cfg_hash"] for one in shown["configs"]] == [pair.day.cfg_hash.hex()]
    assert shown["configs"][0]["acts"] is True
    assert shown["storage"]["flushed_at"] is not None
    (refused,) = shown["evidence"]["refused"]["rows"]
    assert (refused["code"], refused["detail"]["seq"]) == ("conflict", 1)
    assert shown["evidence"]["twice"] == {"count": 1, "rows": [refused], "has_older": False}


@pytest.mark.requirement("R5.1")
async def test_evidence_of_two_seals_convinces_whoever_has_the_platforms_key(
    pair: Pair, client: httpx.AsyncClient
) -> None:
    seal, taken = pair.day.seal(0, 10, 20)
    answer(pair.notary, request_for(seal, taken))
    (rival,) = rivals(pair.day, taken, seal, 1)
    answer(pair.notary, rival)
    number = (await client.get("/overview")).json()["evidence"]["twice"]["rows"][0]["id"]
    told = await client.get(f"/evidence/{number}")
    assert told.headers["content-disposition"].startswith("attachment")
    evidence = json.loads(told.content)
    two = [evidence["refused"], evidence["signed"]]
    assert len({one["seal"] for one in two}) == 2
    for one in two:
        raw, signature = bytes.fromhex(one["seal"]), bytes.fromhex(one["signature"])
        assert is_signed(bytes.fromhex(KEYS.platform), Purpose.SEAL, raw, signature)
    assert (await client.get("/evidence/999")).status_code == 404


def forks_in(told: httpx.Response) -> list[dict[str, Any]]:
    """The refused checkpoints of an overview, those that are proven first."""
    lists = told.json()["evidence"]
    return [*lists["two_logs"]["rows"], *lists["loose"]["rows"]]


async def forks(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """The refused checkpoints that the page shows."""
    return forks_in(await client.get("/overview"))


@pytest.mark.requirement("R5.8")
async def test_a_second_history_is_shown_with_both_checkpoints_as_evidence(
    pair: Pair, client: httpx.AsyncClient
) -> None:
    cosigned, other = HASHES[:8], FORK[:8]
    for hashes, old in ((cosigned, 0), (other, 8), (HASHES, 8)):
        cosign(pair.notary, hashes, old, [])
    shown = {one["size"]: one for one in await forks(client)}
    assert {size: one["proven"] for size, one in shown.items()} == {8: True, 12: False}
    told = await client.get(f"/evidence/log-{shown[8]['id']}")
    assert 'filename="evidence-log-' in told.headers["content-disposition"]
    evidence = json.loads(told.content)
    notes = [checkpoints.parse_note(evidence[kind]["note"]) for kind in ("refused", "cosigned")]
    roots = {checkpoints.parse_checkpoint(note.text).root for note in notes}
    assert roots == {merkle.root_of_hashes(other), merkle.root_of_hashes(cosigned)}
    platform = bytes.fromhex(KEYS.platform)
    assert all(checkpoints.is_note_signed(note, ORIGIN, platform) for note in notes)
    assert (await client.get("/evidence/log-999")).status_code == 404


async def test_who_brings_an_honest_checkpoint_with_a_wrong_proof_accuses_nobody(
    pair: Pair, client: httpx.AsyncClient
) -> None:
    """Anyone may ask a witness. Shown the way afterwards, it cosigns the very same checkpoint."""
    cosign(pair.notary, HASHES[:8], 0)
    assert cosign(pair.notary, HASHES, 8, []) is No.LOG_FORKED
    (shown,) = await forks(client)
    assert shown["proven"] is False
    assert isinstance(cosign(pair.notary, HASHES, 8), str)


async def test_a_proven_second_history_stays_in_sight_however_many_others_follow(
    pair: Pair, client: httpx.AsyncClient
) -> None:
    cosign(pair.notary, HASHES[:8], 0)
    assert cosign(pair.notary, FORK[:8], 8, []) is No.LOG_FORKED
    longer = [*HASHES, *(bytes([number]) * 32 for number in range(50))]
    for size in range(9, 9 + SHOWN + 1):
        assert cosign(pair.notary, longer[:size], 8, []) is No.LOG_FORKED
    shown = await forks(client)
    assert [one["size"] for one in shown if one["proven"]] == [8]
    assert len(shown) == 1 + SHOWN


async def told_outside(pair: Pair, name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The status that everyone is told, and all evidence of a kind, a part at a time."""
    transport = httpx.ASGITransport(app=Door(pair.notary))
    async with httpx.AsyncClient(transport=transport, base_url="http://notary") as door:
        found: list[dict[str, Any]] = []
        query: dict[str, int] = {}
        while part := (await door.get(f"/v1/{name}", params=query)).json()[name]:
            assert len(part) <= SIGNED_SHOWN
            found += part
            query = {"before": found[-1]["id"]}
        return (await door.get("/v1/status")).json(), found


@pytest.mark.parametrize("size", [8, 9])
async def test_however_much_evidence_there_is_a_look_stays_small_and_all_of_it_is_reached(
    pair: Pair, client: httpx.AsyncClient, size: int
) -> None:
    """Of the size that was cosigned, so proven, or not; on the page and in the signed status."""
    cosign(pair.notary, HASHES[:8], 0)
    many = 2 * SHOWN + 7
    for number in range(many):
        hashes = [*FORK[:7], *(bytes([number, one]) * 16 for one in range(size - 7))]
        assert cosign(pair.notary, hashes, 8, []) is No.LOG_FORKED
    name, other = ("two_logs", "loose") if size == 8 else ("loose", "two_logs")
    shown = (await client.get("/overview")).json()["evidence"]
    assert shown[other] == {"count": 0, "rows": [], "has_older": False}
    seen, part = [], shown[name]
    while True:
        assert part["count"] == many
        assert len(part["rows"]) <= SHOWN
        seen += [one["id"] for one in part["rows"]]
        if not part["has_older"]:
            break
        part = (await client.get(f"/older/{name}/{seen[-1]}")).json()
    assert len(set(seen)) == many
    status, told = await told_outside(pair, "forks")
    assert (status["fork_count"], status["forks"]) == (many, told[:SIGNED_SHOWN])
    assert len({one["note"] for one in told}) == many


async def test_older_refusals_are_reached_and_a_second_seal_stays_in_sight(
    pair: Pair, client: httpx.AsyncClient
) -> None:
    seal, taken = pair.day.seal(0, 10, 20)
    answer(pair.notary, request_for(seal, taken))
    (rival,) = rivals(pair.day, taken, seal, 1)
    answer(pair.notary, rival)
    for number in range(2 * SIGNED_SHOWN):
        gap = replace(seal, seq=seal.seq + 2 + number)
        assert answer(pair.notary, request_for(gap, taken)) is No.SEQ_GAP
    lists = (await client.get("/overview")).json()["evidence"]
    assert (lists["refused"]["count"], len(lists["refused"]["rows"])) == (201, SHOWN)
    assert [one["code"] for one in lists["twice"]["rows"]] == ["conflict"]
    status, told = await told_outside(pair, "refusals")
    assert (status["refusal_count"], status["refusals"]) == (201, told[:SIGNED_SHOWN])
    assert (len(told), told[-1]["code"]) == (201, "conflict")
    assert bytes.fromhex(told[-1]["seal"]) == rival.seal


async def test_a_strangers_line_under_a_checkpoint_makes_no_second_one(
    pair: Pair, client: httpx.AsyncClient
) -> None:
    cosign(pair.notary, HASHES[:8], 0)
    for number in range(3):
        for hashes in (HASHES[:8], HASHES):
            note = note_of(hashes)
            text = checkpoints.parse_note(note).text
            more = checkpoints.sign_note(SIGNERS["auditor"], f"stranger{number}", text)
            told = cosign_checkpoint(pair.notary, note + more, 8, [bytes(32)])
            assert isinstance(told, Refused)
            assert told.no is No.LOG_FORKED
    (shown,) = await forks(client)
    assert (shown["size"], shown["proven"]) == (12, False), "what was cosigned is no fork"
    evidence = json.loads((await client.get(f"/evidence/log-{shown['id']}")).content)
    assert evidence["refused"]["note"] == note_of(HASHES)


@pytest.mark.parametrize("again", [False, True])
async def test_a_second_history_shown_too_early_is_proven_when_its_size_is_cosigned(
    pair: Pair, client: httpx.AsyncClient, again: bool
) -> None:
    """Else who shows it before its size was cosigned takes the edge off the evidence."""
    cosign(pair.notary, HASHES[:8], 0)
    assert cosign(pair.notary, FORK, 8, []) is No.LOG_FORKED
    assert isinstance(cosign(pair.notary, HASHES, 8), str)
    if again:
        assert cosign(pair.notary, FORK, 12, []) is No.LOG_FORKED
    (shown,) = await forks(client)
    assert (shown["size"], shown["proven"]) == (12, True)


async def test_a_checkpoint_that_only_an_older_program_could_read_leaves_the_page_standing(
    pair: Pair, client: httpx.AsyncClient
) -> None:
    cosign(pair.notary, HASHES[:8], 0)
    for note in ("no note", note_of(HASHES).replace("\n12\n", "\n012\n")):
        pair.notary.book.record_fork(ORIGIN, note, 7)
    cosign(pair.notary, FORK[:8], 8, [])
    told = await client.get("/overview")
    assert told.status_code == 200
    first, *others = forks_in(told)
    assert (first["size"], first["proven"]) == (8, True)
    assert len(others) == 2
    for one in others:
        assert (one["origin"], one["at_ms"], one["size"], one["proven"]) == (ORIGIN, 7, None, False)
        evidence = await client.get(f"/evidence/log-{one['id']}")
        assert evidence.status_code == 200


async def test_a_stop_needs_the_code_that_stands_at_the_console(
    pair: Pair, client: httpx.AsyncClient, console: list[str]
) -> None:
    wish = {"code": "12345678", "name": "王公证员", "reason": "演练"}
    assert (await client.post("/stop", json=wish)).status_code == 403
    assert (await client.post("/code", json={})).status_code == 200
    assert "1234 5678" in console[0]
    wrong = await client.post("/stop", json=wish | {"code": "00000000"})
    assert wrong.status_code == 403
    assert pair.notary.book.stop_in_force() is None
    assert (await client.post("/stop", json=wish)).status_code == 200
    assert (await client.get("/overview")).json()["stopped"]["name"] == "王公证员"
    assert (await client.post("/resume", json=wish)).status_code == 403
    await client.post("/code", json={})
    assert (await client.post("/resume", json=wish)).status_code == 200
    assert pair.notary.book.stop_in_force() is None


async def test_a_stop_without_a_reason_is_refused_in_words(client: httpx.AsyncClient) -> None:
    await client.post("/code", json={})
    wish = {"code": "12345678", "name": "王公证员", "reason": " "}
    told = await client.post("/stop", json=wish)
    assert told.status_code == 422
    assert "理由" in told.json()["said"]


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:8621"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"content-type": "text/plain"},
    ],
)
async def test_another_sites_page_can_ask_for_nothing(
    client: httpx.AsyncClient, console: list[str], headers: dict[str, str]
) -> None:
    told = await client.post(
        "/code", content=b"{}", headers={"content-type": "application/json"} | headers
    )
    assert told.status_code == 403
    assert console == []


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{}", b"x" * (BODY_MAX + 1)])
async def test_nonsense_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    told = await client.post("/stop", content=body, headers={"content-type": "application/json"})
    assert told.status_code == 400


async def test_only_its_few_addresses_answer(client: httpx.AsyncClient) -> None:
    for path in (
        "/v1/seals",
        "/../book.sqlite",
        "/page/",
        "/evidence/",
        "/evidence/x",
        "/evidence/log-",
        "/evidence/log-x",
        "/older/refused/",
        "/older/refused/x",
        "/older/loose/1/2",
        "/older/rounds/1",
        "/key.seed",
    ):
        assert (await client.get(path)).status_code == 404
    assert (await client.get("/", headers={"host": "evil.example"})).status_code == 403


async def test_the_platforms_door_can_neither_stop_nor_see(pair: Pair) -> None:
    transport = httpx.ASGITransport(app=Door(pair.notary))
    async with httpx.AsyncClient(transport=transport, base_url="http://notary") as client:
        for path in ("/stop", "/resume", "/code", "/overview"):
            assert (await client.post(path, json={})).status_code == 404


def test_a_fingerprint_is_thirty_digits_in_six_groups_and_each_key_has_its_own() -> None:
    groups = fingerprint_of(bytes.fromhex(KEYS.notary)).split()
    assert [len(group) for group in groups] == [5] * 6
    assert "".join(groups).isdecimal()
    assert len({fingerprint_of(bytes([n]) * 32) for n in range(200)}) == 200
