"""huiquan up: the first thing a newcomer runs. Started, looked at, stopped, and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from huiquan.settings import Settings, write_settings
from tests.signers import free_port

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("real-house")]

PATIENCE_S = 240
STOPPED_WITHIN_S = 60
OPEN = "2026-02-06T10:30:00+08:00"


def settings_of(home: Path) -> Settings:
    """A house on ports of its own."""
    names = ("notary_url", "auditor_url", "witness_url", "identity_url", "sms_url")
    urls = {name: f"http://127.0.0.1:{free_port()}" for name in names}
    return Settings(home=home, web_port=free_port(), **urls)


@contextmanager
def house_up(settings: Settings, log: Path) -> Iterator[httpx.Client]:
    """Run the command until it has greeted; ended as Ctrl-C ends it, and then nothing is left."""
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
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOPPED_WITHIN_S) == 0, log.read_text()
        assert "stopped." in log.read_text()
    finally:
        if process.poll() is None:
            process.kill()


def test_a_newcomers_house_answers_at_every_address_and_keeps_its_data(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "house")
    with house_up(settings, tmp_path / "first.log") as client:
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
    with house_up(settings, tmp_path / "second.log") as client:
        again = client.get("/api/v1/now").json()
        assert again["campaign"] == now["campaign"]
        assert again["at"] > opened, "the clock of a house never goes back"
