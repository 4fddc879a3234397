"""The reference client of `examples/`, against a real house on a port of its own."""

import asyncio
import importlib.util
import json
import secrets
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from huiquan.actions.send_callbacks import send_callbacks
from huiquan.db.connection import Database
from huiquan.domain.request_signing import (
    Algorithm,
    PartnerKey,
    is_signed_with,
    read_public_key,
    time_in_ms,
)
from tests.acquirers import machine, pem_of
from tests.houses import OPEN, House, make_house, publish
from tests.ports import open_port
from tests.shops import shop

FILE = Path(__file__).parents[2] / "examples" / "acquirer_client.py"


def load_client() -> Any:
    spec = importlib.util.spec_from_file_location("acquirer_client", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["acquirer_client"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("way", [Algorithm.RSA_PSS, Algorithm.RSA_PKCS1])
def test_the_reference_client_signs_with_an_rsa_key_in_the_way_it_was_registered_for(
    way: Algorithm,
) -> None:
    client = load_client()
    secret = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    der = read_public_key(pem_of(secret), way)
    assert isinstance(der, bytes)
    key = PartnerKey(key_id="k", acquirer_id=1, algorithm=way, public_key=der, valid_from=OPEN)
    for is_pss in (True, False):
        signature = client.sign(secret, b"text", is_pss=is_pss)
        assert is_signed_with(key, b"text", signature) == (is_pss == (way is Algorithm.RSA_PSS))


class Listening:
    """Takes callbacks as they would travel, and answers for the acquirer."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, str], bytes]] = []

    async def deliver(self, url: str, headers: Any, body: bytes, event: str) -> None:
        self.heard.append((url, dict(headers), body))


@pytest.mark.requirement("R3.8")
async def test_the_reference_client_sells_asks_and_checks_callback_and_bill(
    database: Database,
) -> None:
    client, listening = load_client(), Listening()
    house: House = make_house(database, callbacks=listening)
    campaign = await publish(house)
    await shop(house, campaign)
    at = await machine(house, is_sandbox=True)
    platform = house.app.signer.key
    async with open_port(house.app) as port:
        theirs = client.House(
            url=f"http://127.0.0.1:{port}",
            key_name=at.key_id,
            private_key=at.secret,
            clock_ms=lambda: int(time_in_ms(house.clock.now)),
        )

        def sell(pay: Any) -> dict[str, Any]:
            return dict(
                client.sell(
                    theirs, store="jianghan", code="900000000001", order_fen=100_000, pay=pay
                )
            )

        payment_ref = f"payment-{secrets.token_hex(4)}"
        sold = await asyncio.to_thread(sell, lambda fen: payment_ref if fen == 80_000 else None)
        left = await asyncio.to_thread(sell, lambda _: None)
        seen = await asyncio.to_thread(theirs.get, f"payments/{payment_ref}")
        with pytest.raises(client.RefusedError) as refused:
            await asyncio.to_thread(theirs.post, "redemptions", order_ref="x")
        assert await send_callbacks(house.app) == 2
        house.clock.move(days=1)
        bill = await asyncio.to_thread(theirs.bill, "20260206", platform, at.acquirer.code)
    assert (sold["payment_ref"], left["state"]) == (payment_ref, "unlocked")
    assert (seen["state"], refused.value.code) == ("redeemed", "malformed")
    assert payment_ref in bill
    url, headers, body = listening.heard[0]
    now_ms = int(headers["huiquan-time"])
    target = "/" + url.split("/", 3)[3]
    genuine = client.is_callback_genuine
    assert json.loads(body)["payment_ref"] == payment_ref
    assert genuine(platform, target, headers, body, now_ms)
    assert not genuine(platform, target, headers, body + b" ", now_ms)
    assert not genuine(platform, target + "?", headers, body, now_ms)
    assert not genuine(platform, target, headers, body, now_ms + 301_000)
    assert not genuine(bytes([*platform[:-1], platform[-1] ^ 1]), target, headers, body, now_ms)
