"""The walk through docs/api.md, run word for word with openssl and curl against a real house."""

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from huiquan.cli.seeding import SEED
from huiquan.db.connection import Database
from huiquan.domain.request_signing import time_in_ms
from huiquan.gateways.maps import load_regions
from simulation.stores import make_stores
from tests.acquirer.documents import PAGE
from tests.acquirers import machine
from tests.houses import make_house, publish
from tests.ports import open_port
from tests.shops import shop

MISSING = [tool for tool in ("bash", "openssl", "curl", "base64") if shutil.which(tool) is None]
BLOCK = re.compile(r"```bash\n(?P<text>.*?)```", re.DOTALL)
STATES = ("partly_refunded",) * 3


def test_the_demonstrations_store_on_the_page_takes_what_the_pages_first_code_gives() -> None:
    stores = {store.code: store for store in make_stores(load_regions(), int(SEED))}
    named = set(re.findall(r"DEMO-\d{4}", BLOCK.sub("", PAGE.read_text())))
    dining = {code for code in named if 3 in stores[code].packs}
    retail = {code for code in named if 2 in stores[code].packs}
    assert (dining, retail) == ({"DEMO-0004"}, {"DEMO-0005"})


@pytest.mark.requirement("R3.8")
@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {MISSING}")
async def test_an_integrator_walks_through_the_page_with_openssl_and_curl(
    database: Database, tmp_path: Path
) -> None:
    blocks = [found["text"] for found in BLOCK.finditer(PAGE.read_text())]
    signing = next(text for text in blocks if "ask() {" in text)
    walk = next(text for text in blocks if text.startswith("# 1  What would this code do?"))
    house = make_house(database)
    campaign = await publish(house)
    await shop(house, campaign, "DEMO-0004")
    at = await machine(house, stores=("DEMO-0004",), is_sandbox=True)
    (tmp_path / "private.pem").write_bytes(
        at.secret.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    async with open_port(house.app) as port:
        script = "\n".join(
            (
                "set -euo pipefail",
                # The house of a test stands still; everywhere else it is `date` that knows.
                f"date() {{ echo {time_in_ms(house.clock.now)}; }}",
                signing,
                f"HOUSE=http://127.0.0.1:{port}; KEY={at.key_id}",
                re.sub(r"^(ask .*)$", r"\1; echo", walk, flags=re.MULTILINE),
            )
        )
        running = await asyncio.create_subprocess_exec(
            "bash", "-c", script, cwd=tmp_path, stdout=-1, stderr=-1
        )
        out, err = await asyncio.wait_for(running.communicate(), 120)
    assert running.returncode == 0, err.decode()
    said = [json.loads(line) for line in out.decode().splitlines() if line]
    quoted, locked, paid, closed, back, *asked, bill = said
    assert (quoted["to_pay_fen"], locked["order_ref"]) == (80_000, "o-1")
    assert (paid["payment_ref"], closed["state"]) == ("p-1", "closed")
    assert (back["to_consumer_fen"], back["to_fund_fen"]) == (24_000, 6_000)
    assert tuple(one["state"] for one in asked) == STATES
    assert bill["code"] == "bill_not_ready"
