"""Real simulated outsiders, each a process of its own, for the tests of the gateways."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest


@contextmanager
def outsider_process(who: str, repository: Path) -> Iterator[str]:
    """Start one outsider, wait until it answers, give its address, end it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "simulation.outsiders", who, "--port", str(port)]
    with subprocess.Popen([*command, "--seed", "7"], cwd=repository) as process:
        try:
            wait_for(url)
            yield url
        finally:
            process.terminate()
            process.wait(10)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str) -> None:
    """Wait until an outsider answers, at most 20 seconds."""
    for _ in range(200):
        try:
            httpx.get(url + "/control", timeout=1, trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nobody answers at {url}")


@pytest.fixture(scope="session")
def identity_process(repository: Path) -> Iterator[str]:
    with outsider_process("identity", repository) as url:
        yield url


@pytest.fixture(scope="session")
def sms_process(repository: Path) -> Iterator[str]:
    with outsider_process("sms", repository) as url:
        yield url


def get(url: str, **asked: str) -> httpx.Response:
    """Read from an outsider as a person at a browser would."""
    return httpx.get(url, params=asked, trust_env=False)


def post(url: str, body: object) -> httpx.Response:
    """Tell an outsider something in JSON, past the gateway."""
    return httpx.post(url, json=body, trust_env=False)


def set_mood(
    url: str, latency_ms: float = 0, outage_rate: float = 0, wrong_rate: float = 0
) -> None:
    """Set how badly an outsider behaves from now on."""
    mood = {"latency_ms": latency_ms, "outage_rate": outage_rate, "wrong_rate": wrong_rate}
    post(url + "/control", mood).raise_for_status()


@pytest.fixture
def identity_url(identity_process: str) -> str:
    set_mood(identity_process)
    return identity_process


@pytest.fixture
def sms_url(sms_process: str) -> str:
    set_mood(sms_process)
    return sms_process
