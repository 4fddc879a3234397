"""A notary's disk dies in the middle of a day: the offices, the operator, and their commands."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from huiquan.actions.begin_epoch import EpochBegun, begin_epoch
from huiquan.actions.draft_epoch import Loss, draft_epoch
from huiquan.actions.send_configs import send_configs
from huiquan.actions.take_over_days import take_over_days
from huiquan.actions.teach_signer import teach_signer
from huiquan.domain.campaigns import Campaign
from huiquan.domain.fingerprints import fingerprint_of
from huiquan.gateways.notary import connect_signer
from huiquan.views.draws import campaigns_in_play
from notary.keys import load_key
from tests.houses import CAMPAIGN, House, make_house
from tests.stories.test_todays_draw import PATIENCE_S, DrawHouse

ROOT = Path(__file__).parents[2]
REASON = "签发机硬盘损坏，两份备份均无法读取"


def new_home(standing: DrawHouse, role: str) -> Path:
    """The new home of a signer, with a key of its own."""
    home = standing.signers.home / f"{role}-new"
    load_key(home)
    return home


def new_key(home: Path) -> str:
    """The public key of a home."""
    return load_key(home).public.hex()


async def at_the_office(
    standing: DrawHouse, words: Sequence[str], home: Path, types: str = ""
) -> subprocess.CompletedProcess[str]:
    """A person types a command at a signer's own machine."""
    clock = ["--clock-file", str(standing.signers.clock.path)]
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "notary", *words, "--home", str(home), *clock],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=types,
        capture_output=True,
        text=True,
    )


async def sign_folder(standing: DrawHouse, folder: Path, role: str, home: Path) -> str:
    """An office signs the declaration in a folder; gives what it was shown. Empty if it refused."""
    said = json.loads((folder / "declaration.json").read_text())["declaration"]
    key = json.loads(said)["new_key"]
    done = await at_the_office(
        standing,
        ["declare", str(folder), "--role", role],
        home,
        fingerprint_of(bytes.fromhex(key)) + "\n",
    )
    return done.stdout if done.returncode == 0 else ""


async def draft(standing: DrawHouse, folder: Path, role: str, key: str) -> dict[str, bytes]:
    """The operator drafts the declaration into a folder."""
    loss = Loss(role=role, new_key=key, reason=REASON)
    files = await draft_epoch(standing.house.app, CAMPAIGN, loss, "值班员")
    assert isinstance(files, dict), files
    put(folder, files)
    return files


def put(folder: Path, files: dict[str, bytes]) -> None:
    """Write files into a folder."""
    folder.mkdir(exist_ok=True)
    for name, raw in files.items():
        (folder / name).write_bytes(raw)


def files_in(folder: Path) -> dict[str, bytes]:
    """What lies in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def replace_signer(standing: DrawHouse, role: str) -> House:
    """The new signer runs where the old one did, and the house is started again."""
    home, signers = standing.signers.home, standing.signers
    if signers.running[role].poll() is None:
        signers.kill(role)
    if not (home / f"{role}-old").exists():
        (home / role).rename(home / f"{role}-old")
        (home / f"{role}-new").rename(home / role)
    await asyncio.to_thread(signers.start, role)
    app = standing.house.app
    parts: dict[str, Any] = {
        name: await connect_signer(name, signers.url(name), PATIENCE_S)
        for name in ("notary", "auditor", "witness")
    }
    house = make_house(app.db, at=standing.house.clock.now, settings=app.settings, **parts)
    return House(
        app=house.app, clock=house.clock, identity=standing.house.identity, sms=standing.house.sms
    )


async def change_keys(
    standing: DrawHouse, folder: Path, role: str = "notary"
) -> tuple[House, EpochBegun]:
    """All of it, from the draft to the new signer that has learned the day."""
    other = "auditor" if role == "notary" else "notary"
    home = new_home(standing, role)
    await draft(standing, folder, role, new_key(home))
    assert await sign_folder(standing, folder, other, standing.signers.home / other)
    assert await sign_folder(standing, folder, role, home)
    house = await replace_signer(standing, role)
    begun = await begin_epoch(house.app, CAMPAIGN, files_in(folder), "值班员")
    assert isinstance(begun, EpochBegun), begun
    await send_configs(house.app)
    learned = await teach_signer(house.app, CAMPAIGN, 20260206)
    assert isinstance(learned, int), learned
    return house, begun


async def campaign_of(house: House) -> Campaign:
    """The campaign as it stands now."""
    (campaign,) = await campaigns_in_play(house.app)
    return campaign


async def act(house: House) -> Campaign:
    """The new configs take their days over, if it is time."""
    await take_over_days(house.app, await campaign_of(house))
    return await campaign_of(house)


async def get(client: httpx.AsyncClient, path: str) -> Any:
    """What an address answers, as JSON."""
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()
