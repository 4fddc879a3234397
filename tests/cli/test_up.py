"""huiquan up: the first thing a newcomer runs. Started, looked at, stopped, and so on."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from huiquan.cli.starts import port_of
from huiquan.settings import Settings, write_settings
from tests.signers import free_port

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("real-house")]

PATIENCE_S = 480
STOPPED_WITHIN_S = 60
OPEN = "2026-02-06T10:30:00+08:00"


def settings_of(home: Path) -> Settings:
    """A house on ports of its own."""
    names = ("notary_url", "auditor_url", "witness_url", "identity_url", "sms_url")
    urls = {name: f"http://127.0.0.1:{free_port()}" for name in names}
    return Settings(home=home, web_port=free_port(), **urls)


@contextmanager
def house_up(settings: Settings, log: Path, end: signal.Signals) -> Iterator[httpx.Client]:
    """Run the command until it has greeted, and end it; then, and whatever happens, nothing of it
    is left."""
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "huiquan", "up", "--at", OPEN],
            env={**os.environ, **write_settings(settings)},
            stdout=out,
            stderr=out,
        )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while "Ctrl-C stops everything" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.5)
        with httpx.Client(
            base_url=f"http://127.0.0.1:{settings.web_port}", trust_env=False
        ) as client:
            yield client
        process.send_signal(end)
        status = process.wait(STOPPED_WITHIN_S)
        if end is signal.SIGTERM:
            assert status == 0, log.read_text()
            assert "stopped." in log.read_text()
    finally:
        process.kill()
        process.wait()
        until_ended(settings.home)


def until_ended(home: Path) -> None:
    """Wait until nobody has the lock of a house's home: whoever ends it has it to the last."""
    with (home.parent / f"{home.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def assert_nothing_runs(settings: Settings) -> None:
    """Nobody listens where the house did, and PostgreSQL took its pid file away as it ended."""
    urls = (settings.notary_url, settings.auditor_url, settings.witness_url)
    urls += (settings.identity_url, settings.sms_url)
    for port in (settings.web_port, *(int(port_of(url)) for url in urls)):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0, port
    assert not (settings.home / "postgres" / "postmaster.pid").exists()


def test_a_newcomers_house_answers_at_every_address_keeps_its_data_and_leaves_nobody_behind(
    tmp_path: Path,
) -> None:
    settings = settings_of(tmp_path / "house")
    with house_up(settings, tmp_path / "first.log", signal.SIGTERM) as client:
        said = (tmp_path / "first.log").read_text()
        for path in ("/", "/merchant/", "/console/", "/public/", "/schema"):
            assert client.get(path, follow_redirects=True).status_code == 200, path
        assert client.get("/readyz").status_code == 200
        now = client.get("/api/v1/now").json()
        assert (now["phase"], now["day"]) == ("open", 20260206)
        for url in (settings.notary_url, settings.auditor_url):
            desk = f"http://127.0.0.1:{int(url.rsplit(':', 1)[1]) + 10}/"
            assert desk in said
            assert httpx.get(desk, trust_env=False).status_code == 200
        log = f"/log/{settings.campaign}"
        assert client.get(f"{log}/configs").status_code == 200
        opened = now["at"]
    assert_nothing_runs(settings)
    with house_up(settings, tmp_path / "second.log", signal.SIGKILL) as client:
        again = client.get("/api/v1/now").json()
        assert again["campaign"] == now["campaign"]
        assert again["at"] > opened, "the clock of a house never goes back"
    assert_nothing_runs(settings)
