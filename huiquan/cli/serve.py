"""huiquan serve: one process of the house at a time.  启动进程"""

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from huiquan.cli.house import settings_from_environment
from huiquan.cli.starts import SERVING, signer_words
from huiquan.cli.workers import run_workers

app = typer.Typer(
    help="Run one process of the house: web, jobs, rounds, notary, auditor or witness."
)

Home = Annotated[Path, typer.Option(help="where the signer keeps its key and its book")]
Port = Annotated[int, typer.Option(help="the port it listens on")]
Host = Annotated[str, typer.Option(help="the address it listens at")]
Peer = Annotated[str | None, typer.Option(help="the other signer, asked at every start")]
PagePort = Annotated[
    int | None, typer.Option(help="the port of the signer's own page, on this machine alone")
]
PeerKey = Annotated[str | None, typer.Option(help="the other signer's public key, in hex")]
Workers = Annotated[int, typer.Option(min=1, help="how many processes share the port")]


@app.command()
def web(workers: Workers = 1) -> None:
    """Answer everyone over HTTP (HUIQUAN_HOST, HUIQUAN_WEB_PORT)."""
    if workers > 1:
        run_workers(workers)
    else:
        _become(SERVING, "web")


@app.command()
def jobs() -> None:
    """Do the regular work: messages, expiry, checks, the day's end, settlement."""
    _become(SERVING, "jobs")


@app.command()
def rounds() -> None:
    """Seal, have signed and draw rounds, and keep the public log."""
    _become(SERVING, "rounds")


@app.command()
def notary(
    home: Home = Path("notary-home"),
    port: Port = 8611,
    host: Host = "127.0.0.1",
    peer: Peer = None,
    peer_key: PeerKey = None,
    page_port: PagePort = None,
) -> None:
    """Run the notary: its own key, its own book, better its own machine."""
    page = [] if page_port is None else ["--page-port", str(page_port)]
    _become_signer("notary", home, port, host, peer, peer_key, page)


@app.command()
def auditor(
    home: Home = Path("auditor-home"),
    port: Port = 8612,
    host: Host = "127.0.0.1",
    peer: Peer = None,
    peer_key: PeerKey = None,
    page_port: PagePort = None,
) -> None:
    """Run the auditor, who signs after the notary and checks everything again."""
    page = [] if page_port is None else ["--page-port", str(page_port)]
    _become_signer("auditor", home, port, host, peer, peer_key, page)


@app.command()
def witness(home: Home = Path("witness-home"), port: Port = 8615, host: Host = "127.0.0.1") -> None:
    """Run the third witness of the public log, who signs no rounds and asks nobody."""
    _become_signer("witness", home, port, host, None, None, [])


def _become_signer(
    role: str,
    home: Path,
    port: int,
    host: str,
    peer: str | None,
    peer_key: str | None,
    page: list[str],
) -> NoReturn:
    """The signer is a house of its own: this process becomes it and shares nothing with us."""
    settings = settings_from_environment()
    words = signer_words(settings, role, home, str(port), settings.clock_file)
    words += ["--host", host, *page]
    if peer is not None:
        words += ["--peer", peer]
    if peer_key is not None:
        words += ["--peer-key", peer_key]
    _become("notary", *words)


def _become(module: str, *words: str) -> NoReturn:
    os.execv(sys.executable, [sys.executable, "-m", module, *words])
