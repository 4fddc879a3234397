"""The walk through docs/api.md, run word for word with openssl and curl against a real house."""

import asyncio
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from huiquan.actions.register_key import KeyRegistered, NewKey, register_key
from huiquan.actions.send_callbacks import send_callbacks
from huiquan.cli.seeding import SEED
from huiquan.db.connection import Database
from huiquan.domain.request_signing import Algorithm
from huiquan.gateways.maps import load_regions
from simulation.stores import make_stores
from tests.acquirer.documents import PAGE
from tests.acquirers import Machine, Secret, machine, pem_of
from tests.houses import House, make_house, publish
from tests.ports import open_port
from tests.shops import shop

TOOLS = ("bash", "openssl", "curl", "base64", "jq", "xxd")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
BLOCK = re.compile(r"```bash\n(?P<text>.*?)```", re.DOTALL)
STATES = ("partly_refunded",) * 3


def test_the_demonstrations_store_on_the_page_takes_what_the_pages_first_code_gives() -> None:
    stores = {store.code: store for store in make_stores(load_regions(), int(SEED))}
    named = set(re.findall(r"DEMO-\d{4}", BLOCK.sub("", PAGE.read_text())))
    dining = {code for code in named if 3 in stores[code].packs}
    retail = {code for code in named if 2 in stores[code].packs}
    assert (dining, retail) == ({"DEMO-0004"}, {"DEMO-0005"})


class Listening:
    """The acquirer's address: keeps each callback as it would have travelled."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, str], bytes]] = []

    async def deliver(self, url: str, headers: Any, body: bytes, event: str) -> None:
        self.heard.append((url, dict(headers), body))


def block(beginning: str) -> str:
    """The block of the page that begins so, or has it in its middle."""
    found = [one["text"] for one in BLOCK.finditer(PAGE.read_text()) if beginning in one["text"]]
    assert len(found) == 1, (beginning, len(found))
    return found[0]


def echoed(lines: str) -> str:
    """Each answer on a line of its own."""
    return re.sub(r"^(ask .*)$", r"\1; echo", lines, flags=re.MULTILINE)


async def run(script: str, folder: Path) -> str:
    """What bash says to it; every line has to go well."""
    running = await asyncio.create_subprocess_exec(
        "bash", "-c", f"set -euo pipefail\n{script}", cwd=folder, stdout=-1, stderr=-1
    )
    out, err = await asyncio.wait_for(running.communicate(), 120)
    assert running.returncode == 0, (out.decode(), err.decode())
    return out.decode()


def of_the_page(port: int) -> str:
    """Signing as the page says, with the clock of this house, as in the demonstration."""
    house_clock = block("now_ms() { date -d").splitlines()[0]
    return f"{block('ask() {')}\nHOUSE=http://127.0.0.1:{port}\n{house_clock}\n"


async def tried(house: House, folder: Path) -> Machine:
    """The page's sandbox acquirer, with its key where the page has it."""
    campaign = await publish(house)
    await shop(house, campaign, "DEMO-0004")
    at = await machine(house, "wepay-try", stores=("DEMO-0004",), is_sandbox=True)
    (folder / "private.pem").write_bytes(private_pem(at.secret))
    return at


def private_pem(secret: Secret) -> bytes:
    """A private key as openssl reads it."""
    return secret.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.mark.requirement("R3.8")
@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {MISSING}")
async def test_an_integrator_walks_through_the_page_with_openssl_and_curl(
    database: Database, tmp_path: Path
) -> None:
    listening = Listening()
    house = make_house(database, callbacks=listening)
    at = await tried(house, tmp_path)
    async with open_port(house.app) as port:
        walk = echoed(block("# 1  What would this code do?"))
        out = await run(of_the_page(port) + walk, tmp_path)
        said = [json.loads(line) for line in out.splitlines() if line]
        quoted, locked, paid, closed, back, *asked, bill = said
        assert (quoted["to_pay_fen"], locked["order_ref"]) == (80_000, "o-1")
        assert (paid["payment_ref"], closed["state"]) == ("p-1", "closed")
        assert (back["to_consumer_fen"], back["to_fund_fen"]) == (24_000, 6_000)
        assert tuple(one["state"] for one in asked) == STATES
        assert bill["code"] == "bill_not_ready"
        await checks_callback_and_bill(house, at, listening, port, tmp_path)


async def checks_callback_and_bill(
    house: House, at: Machine, listening: Listening, port: int, folder: Path
) -> None:
    """With openssl alone: what we sent and what we billed is ours, and nothing else is."""
    assert await send_callbacks(house.app) == 2
    url, headers, body = listening.heard[0]
    (folder / "body").write_bytes(body)
    house.clock.move(days=1)
    came = (
        f"TARGET=/{url.split('/', 3)[3]} TIME={headers['huiquan-time']}\n"
        f"NONCE={headers['huiquan-nonce']} SIGNATURE={headers['huiquan-signature']}\n"
    )
    checks = (block("# Is a callback ours?"), block("# Is this bill whole, and ours?"))
    script = of_the_page(port) + came + "\n".join(checks)
    assert (await run(script, folder)).count("Signature Verified Successfully") == 2
    assert (folder / "bill.csv").read_text().count("p-1") == 2
    (folder / "body").write_bytes(body + b" ")
    with pytest.raises(AssertionError, match="Signature Verification Failure"):
        await run(of_the_page(port) + came + checks[0], folder)


@pytest.mark.requirement("R3.8")
@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {MISSING}")
async def test_an_rsa_key_takes_over_as_the_page_says_while_the_old_one_is_still_good(
    database: Database, tmp_path: Path
) -> None:
    house = make_house(database)
    await tried(house, tmp_path)
    ways = {"rsa": Algorithm.RSA_PSS, "older": Algorithm.RSA_PKCS1}
    for number, (name, way) in enumerate(ways.items(), start=2):
        secret = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        (tmp_path / f"{name}.pem").write_bytes(private_pem(secret))
        key_id = f"wepay-try-{number}"
        new = NewKey(acquirer="wepay-try", key_id=key_id, algorithm=way, pem=pem_of(secret))
        assert isinstance(await register_key(house.app, new, "test"), KeyRegistered)
    pss = block("rsa_pss_saltlen")
    pkcs1 = pss.partition("# with PKCS #1 v1.5: ")[2].strip()
    ask = "ask GET /acquirer/v1/orders/o-9; echo\n"
    async with open_port(house.app) as port:
        page = of_the_page(port)
        newer = f"{pss}\n{ask}KEY=wepay-try-3 PEM=older.pem\nsign() {{ {pkcs1}; }}\n{ask}"
        out = await run(f"{page}{ask}{newer}", tmp_path)
        states = [json.loads(line)["state"] for line in out.splitlines()]
        assert states == ["never_arrived"] * 3
        house.clock.move(days=7)
        out = await run(f"{page}{ask}{newer}", tmp_path)
    codes = [json.loads(line).get("code", "") for line in out.splitlines()]
    assert codes == ["key_out_of_date", "key_out_of_date", ""]
