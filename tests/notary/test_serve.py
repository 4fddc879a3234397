"""The signer's door: what it answers, and what it never lets in.  签发接口"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from huiquan.domain import checkpoints, exports, merkle, rounds, vrf
from huiquan.domain.checkpoints import Checkpoint
from huiquan.domain.seal_requests import encode_request
from huiquan.domain.signing import Purpose
from notary.serve import MAX_BODY, Door
from tests.domain.draw_days import KEYS, SIGNERS, sign_both
from tests.notary.houses import Pair, request_for


@pytest.fixture
async def client(pair: Pair) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the notary's door."""
    transport = httpx.ASGITransport(app=Door(pair.notary), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://notary") as client:
        yield client


async def test_seals_of_many_lanes_at_once_are_answered_each_with_its_own_proof(
    pair: Pair, client: httpx.AsyncClient
) -> None:
    requests = [request_for(*pair.day.seal(lane, 10, 10)) for lane in (0, 1)]
    answers = await asyncio.gather(
        *(client.post("/v1/seals", content=encode_request(request)) for request in requests * 3)
    )
    assert {answer.status_code for answer in answers} == {200}
    key = bytes.fromhex(KEYS.notary)
    for request, answer in zip(requests * 3, answers, strict=True):
        seal_hash = rounds.seal_hash_of(request.seal)
        assert answer.json()["seal_hash"] == seal_hash.hex()
        proof = bytes.fromhex(answer.json()["pi"])
        assert vrf.verify(key, vrf.seal_alpha("N", seal_hash), proof) is not None


async def test_a_refusal_carries_its_code_and_a_sentence_in_both_languages(
    pair: Pair, client: httpx.AsyncClient
) -> None:
    seal, taken = pair.day.seal(0, 10, 10)
    request = request_for(seal, taken)
    answer = await client.post(
        "/v1/seals", content=encode_request(replace(request, signature=bytes(64)))
    )
    assert answer.status_code == 422
    assert answer.json() == {
        "code": "seal_unsigned",
        "zh": "封存缺少平台签名",
        "en": "the platform did not sign the seal",
        "detail": None,
    }


@pytest.mark.parametrize("path", ["/v1/seals", "/v1/configs", "/v1/finals", "/v1/catch-up",
                                  "/v1/manifests"])  # fmt: skip
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{}", b"[]", b"\xff", b'{"seal": "zz"}', b"[" * 9999, b'{"x": ' + b"[" * 99_999),
        b'{"config": "\xff", "manifest": "\xff", "finals": ["\xff"], "rounds": [{"seal": "\xff"}]}',
    ],
)
async def test_nonsense_is_answered_with_malformed(
    client: httpx.AsyncClient, path: str, body: bytes
) -> None:
    answer = await client.post(path, content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


async def test_other_addresses_and_bodies_too_large_are_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/seals")).json()["code"] == "not_found"
    assert (await client.get("/")).status_code == 404
    large = await client.post("/v1/seals", content=b" " * (MAX_BODY + 1))
    assert large.json()["code"] == "malformed"


async def test_configs_status_and_key_are_shown(pair: Pair, client: httpx.AsyncClient) -> None:
    both = sign_both(pair.day.cfg_hash)
    body = {
        "config": pair.day.raw_config.decode(),
        "platform": both.platform.hex(),
        "approver": both.approver.hex(),
    }
    answer = (await client.post("/v1/configs", json=body)).json()
    assert answer["cfg_hash"] == pair.day.cfg_hash.hex()
    proof = bytes.fromhex(answer["proof_of_possession"])
    assert vrf.verify(bytes.fromhex(KEYS.notary), pair.day.cfg_hash, proof) is not None
    assert (await client.get("/v1/key")).json()["key"] == KEYS.notary
    assert (await client.get("/v1/status")).json()["notice_s"] == 12 * 3600
    unsigned = await client.post("/v1/configs", json=body | {"approver": "00" * 64})
    assert unsigned.json()["code"] == "config_unsigned"


async def test_finals_past_rounds_checkpoints_and_manifests_have_their_addresses(
    pair: Pair, client: httpx.AsyncClient
) -> None:
    pair.draw(0, 10)
    seal, taken, final = pair.asked[0]
    settled = await client.post("/v1/finals", json={"finals": [final.hex()]})
    assert settled.json() == {"settled": 1}
    known = {
        "seal": rounds.encode_seal(seal).hex(),
        "entries": rounds.encode_entries(taken).hex(),
        "final": final.hex(),
    }
    assert (await client.post("/v1/catch-up", json={"rounds": [known]})).json() == {"learned": 0}

    origin = pair.day.config.log.origin
    root = merkle.root_of([b"one round"])
    text = checkpoints.checkpoint_text(Checkpoint(origin=origin, size=1, root=root))
    line = checkpoints.sign_note(SIGNERS["platform"], origin, text)
    signed = checkpoints.join_note(text, [line])
    answer = await client.post("/add-checkpoint", content=f"old 0\n\n{signed}".encode())
    note = checkpoints.parse_note(signed + answer.text)
    assert checkpoints.cosigned_at(note, "notary.huiquan", bytes.fromhex(KEYS.notary))

    manifest = exports.manifest_body(pair.day.unsigned_manifest({}))
    signature = SIGNERS["platform"].sign(Purpose.MANIFEST, manifest).hex()
    body = {"manifest": manifest.decode(), "platform": signature}
    assert (await client.post("/v1/manifests", json=body)).json()["code"] == "day_not_over"


async def test_a_fault_reaches_everyone_who_waited_and_the_desk_goes_on(
    pair: Pair, client: httpx.AsyncClient
) -> None:
    request = request_for(*pair.day.seal(0, 10, 10))
    clock = pair.notary.clock

    def broken() -> Any:
        raise RuntimeError("the clock file is gone")

    pair.notary.clock = broken
    failed = await client.post("/v1/seals", content=encode_request(request))
    assert failed.status_code == 500
    pair.notary.clock = clock
    assert (await client.post("/v1/seals", content=encode_request(request))).status_code == 200
