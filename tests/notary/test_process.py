"""A real signer, killed without warning: it never signs a second seal for a round.  崩溃与重启"""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from huiquan.domain import merkle, rounds
from huiquan.domain.rounds import Entry, Seal
from huiquan.domain.seal_requests import SealRequest, encode_request
from tests.domain.draw_days import OPENS, DrawDay, sign_both
from tests.forking import Forked, fork_signer
from tests.notary.houses import put_key, request_for

pytestmark = pytest.mark.slow


class Signer:
    """One signer process and a client to it."""

    def __init__(self, home: Path, role: str = "notary") -> None:
        self.home, self.role = home, role
        put_key(home, role)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=20)
        self.process: Forked | None = None

    def start(self) -> None:
        """Start the process and wait for its first answer."""
        words = ["--role", self.role, "--port", str(self.port), "--home", str(self.home)]
        self.process = fork_signer([*words, "--clock-file", str(self.home / "clock")])
        for _ in range(400):
            try:
                self.client.get("/v1/key")
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("the signer did not start")

    def kill(self) -> None:
        """kill -9: nothing is flushed, nothing is closed."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer's JSON."""
        answer: dict[str, Any] = self.client.post(path, json=body).json()
        return answer

    def sign(self, request: SealRequest) -> dict[str, Any]:
        """The answer to a seal."""
        body = encode_request(request)
        answer: dict[str, Any] = self.client.post("/v1/seals", content=body).json()
        return answer


@contextmanager
def running(home: Path, day: DrawDay) -> Iterator[Signer]:
    """A signer at 10 o'clock that has accepted the day's config."""
    signer = Signer(home)
    clock = home / "clock"
    clock.write_text(day.config.published_at.isoformat())
    signer.start()
    both = sign_both(day.cfg_hash)
    accepted = signer.post(
        "/v1/configs",
        {
            "config": day.raw_config.decode(),
            "platform": both.platform.hex(),
            "approver": both.approver.hex(),
        },
    )
    assert accepted["cfg_hash"] == day.cfg_hash.hex()
    clock.write_text(OPENS.isoformat())
    try:
        yield signer
    finally:
        signer.kill()


def rival_of(seal: Seal, taken: list[Entry], number: int) -> SealRequest:
    """Another seal for the same round."""
    other = [replace(taken[0], client_nonce=number.to_bytes(16, "big")), *taken[1:]]
    root = merkle.root_of(map(rounds.encode_entry, other))
    return request_for(replace(seal, root=root), other)


@pytest.mark.requirement("R5.1")
@pytest.mark.parametrize("wait_s", [0.0, 0.004, 0.008, 0.02])
def test_killed_at_any_moment_it_never_proves_two_seals_of_one_round(
    tmp_path: Path, wait_s: float
) -> None:
    """Seals of one round race, the process dies in the middle, and they race again (F4)."""
    day = DrawDay()
    day.enter(80)
    seal, taken = day.seal(0, 10, 10)
    requests = [request_for(seal, taken), *(rival_of(seal, taken, number) for number in range(7))]
    with running(tmp_path, day) as signer, ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(signer.sign, request) for request in requests]
        time.sleep(wait_s)
        signer.kill()
        given = [future.result() for future in asked if future.exception() is None]
        signer.start()
        for _ in range(2):
            given += pool.map(signer.sign, requests)
        assert len({one["pi"] for one in given if "pi" in one}) == 1
        assert {one["code"] for one in given if "code" in one} == {"conflict"}


def test_a_signer_that_must_ask_the_other_one_signs_after_it_has(tmp_path: Path) -> None:
    day = DrawDay()
    day.enter(40)
    with running(tmp_path, day) as signer:
        key = signer.client.get("/v1/key").json()["key"]
        auditor = Signer(tmp_path / "auditor", "auditor")
        words = ["--role", "auditor", "--port", str(auditor.port), "--home", str(auditor.home)]
        peer = ["--peer", str(signer.client.base_url).rstrip("/"), "--peer-key", key]
        process = fork_signer([*words, *peer])
        try:
            ready = False
            for _ in range(200):
                try:
                    ready = auditor.client.get("/v1/status").json()["ready"]
                except httpx.TransportError:
                    ready = False
                if ready:
                    break
                time.sleep(0.05)
            assert ready
        finally:
            process.kill()
            process.wait()
