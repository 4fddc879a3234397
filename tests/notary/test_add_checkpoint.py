"""The witness's door answers as the C2SP standard says, status by status."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from huiquan.domain import checkpoints, merkle
from notary.refusals import No
from notary.serve import Door
from notary.stops import stop_or_resume
from tests.domain.draw_days import KEYS, SIGNERS
from tests.notary.houses import Pair
from tests.notary.test_witness import FORK, HASHES, ORIGIN, note_of


@pytest.fixture
async def client(pair: Pair) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the notary's door, which has cosigned the first 8 leaves."""
    transport = httpx.ASGITransport(app=Door(pair.notary), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://notary") as client:
        answer = await client.post("/add-checkpoint", content=body_of(HASHES[:8], 0))
        assert answer.status_code == 200
        yield client


def body_of(
    hashes: list[bytes], old: int | str, proof: list[bytes] | None = None, note: str | None = None
) -> str:
    """The body of the call, with an honest proof unless another is given."""
    if proof is None and isinstance(old, int) and old <= len(hashes):
        proof = merkle.consistency_proof(old, len(hashes), merkle.nodes_of(hashes))
    lines = "".join(base64.b64encode(one).decode() + "\n" for one in proof or [])
    return f"old {old}\n{lines}\n{note or note_of(hashes)}"


async def test_a_checkpoint_that_continues_is_cosigned(client: httpx.AsyncClient) -> None:
    for old, new in ((8, 8), (8, 12)):
        answer = await client.post("/add-checkpoint", content=body_of(HASHES[:new], old))
        assert (answer.status_code, answer.text[:2]) == (200, "— ")
        note = checkpoints.parse_note(note_of(HASHES[:new]) + answer.text)
        assert checkpoints.cosigned_at(note, "notary.huiquan", bytes.fromhex(KEYS.notary))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (body_of(HASHES, 4), 409),
        (body_of(HASHES[:4], 0), 409),
        (body_of(FORK[:8], 8, []), 409),
        (body_of(FORK, 8), 422),
        (body_of(HASHES, 8, [bytes(32)]), 422),
        (body_of(HASHES[:4], 8, []), 400),
        (body_of(HASHES, "08"), 400),
        (body_of(HASHES, "-1"), 400),
        (body_of(HASHES, "eight"), 400),
        (body_of(HASHES, "9" * 5000), 400),
        (body_of(HASHES, 8, [bytes(32)] * 64), 400),
        (body_of(HASHES, 8).replace("old", "new"), 400),
        (body_of(HASHES, 8).replace("\n\n", "\n", 1), 400),
        ("old 8\nnot base64!\n\n" + note_of(HASHES), 400),
        ("old 8\n\nhello", 400),
        ("", 400),
        (body_of(HASHES, 8, note=note_of(HASHES, origin="huiquan/other")), 404),
        (body_of(HASHES, 8, note=note_of(HASHES, party="auditor")), 403),
    ],
)
async def test_why_there_is_no_cosignature_is_said_by_the_status(
    client: httpx.AsyncClient, pair: Pair, body: str, status: int
) -> None:
    answer = await client.post("/add-checkpoint", content=body)
    assert answer.status_code == status, answer.text
    if status == 409:
        assert answer.text == "8\n"
        assert answer.headers["content-type"] == "text/x.tlog.size"
    assert pair.notary.book.checkpoint_of(ORIGIN) == (8, merkle.root_of_hashes(HASHES[:8]))


async def test_a_second_history_is_kept_as_evidence_with_the_platforms_signature(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    for _ in range(2):
        await client.post("/add-checkpoint", content=body_of(FORK, 8))
    (fork,) = (await client.get("/v1/status")).json()["forks"]
    note = checkpoints.parse_note(fork["note"])
    assert checkpoints.is_note_signed(note, ORIGIN, SIGNERS["platform"].key)


async def test_a_stopped_witness_says_so_and_cosigns_when_it_is_resumed(
    client: httpx.AsyncClient, pair: Pair
) -> None:
    stop_or_resume(pair.notary.book, "stop", "王公证员", "核对", pair.clock())
    answer = await client.post("/add-checkpoint", content=body_of(HASHES, 8))
    assert (answer.status_code, answer.text.strip()) == (503, No.STOPPED.en)
    answer = await client.post("/add-checkpoint", content=body_of(FORK[:8], 8, []))
    assert answer.status_code == 409
    assert len(pair.notary.book.forks(9)) == 1, "a second history is kept while stopped, too"
    stop_or_resume(pair.notary.book, "resume", "王公证员", "核对完毕", pair.clock())
    answer = await client.post("/add-checkpoint", content=body_of(HASHES, 8))
    assert answer.status_code == 200


async def test_bytes_that_are_no_text_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/add-checkpoint", content=b"\xff\xfe")
    assert answer.status_code == 400
