"""An acquirer for tests: keys of its own, stores that take its rail, signed requests."""

import base64
import secrets
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from huiquan.actions.add_acquirer import add_acquirer
from huiquan.actions.change_rails import change_rails
from huiquan.actions.register_key import KeyRegistered, NewKey, register_key
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.request_signing import Algorithm, text_to_sign, time_in_ms
from tests.houses import House
from tests.shops import Winner, fresh_code, order

Secret = ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
URL = "http://127.0.0.1:1/callbacks"


def pem_of(secret: Secret) -> bytes:
    return secret.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def signature_of(secret: Secret, algorithm: Algorithm, text: bytes) -> bytes:
    if isinstance(secret, ed25519.Ed25519PrivateKey):
        return secret.sign(text)
    if algorithm is Algorithm.RSA_PKCS1:
        return secret.sign(text, padding.PKCS1v15(), hashes.SHA256())
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
    return secret.sign(text, pss, hashes.SHA256())


@dataclass(frozen=True, kw_only=True)
class Machine:
    """An acquirer's machine: it knows its key, and signs what it asks."""

    house: House
    acquirer: Acquirer
    key_id: str
    secret: Secret
    algorithm: Algorithm = Algorithm.ED25519

    def headers(self, method: str, target: str, body: bytes, **changes: str) -> dict[str, str]:
        """The four headers; `changes` are taken into what is signed (nonce, time_ms, key)."""
        time_ms = changes.get("time_ms", time_in_ms(self.house.clock.now))
        nonce = changes.get("nonce", secrets.token_hex(16))
        text = text_to_sign(method, target, time_ms, nonce, body)
        signature = signature_of(self.secret, self.algorithm, text)
        return {
            "Huiquan-Key": changes.get("key", self.key_id),
            "Huiquan-Time": time_ms,
            "Huiquan-Nonce": nonce,
            "Huiquan-Signature": base64.b64encode(signature).decode(),
            "Content-Type": "application/json",
        }

    async def post(self, client: httpx.AsyncClient, way: str, **body: Any) -> httpx.Response:
        """Ask for something to be done."""
        raw, target = msgspec.json.encode(body), f"/acquirer/v1/{way}"
        return await client.post(target, content=raw, headers=self.headers("POST", target, raw))

    async def get(self, client: httpx.AsyncClient, way: str) -> httpx.Response:
        """Ask what became of something."""
        target = f"/acquirer/v1/{way}"
        return await client.get(target, headers=self.headers("GET", target, b""))


async def machine(
    house: House,
    code: str = "wepay",
    *,
    rail: str = "wechat",
    stores: tuple[str, ...] = ("jianghan",),
    callback_url: str | None = URL,
    is_sandbox: bool = False,
    secret: Secret | None = None,
    algorithm: Algorithm = Algorithm.ED25519,
) -> Machine:
    """An acquirer that was added with a key, whose rail these stores take."""
    new = Acquirer(
        acquirer_id=0,
        code=code,
        name_zh=f"{code}支付",
        name_en=code,
        rail=rail,
        is_sandbox=is_sandbox,
        callback_url=callback_url,
    )
    added = await add_acquirer(house.app, new, "test")
    assert isinstance(added, Acquirer), added
    secret = secret or ed25519.Ed25519PrivateKey.generate()
    key = NewKey(acquirer=code, key_id=f"{code}-1", algorithm=algorithm, pem=pem_of(secret))
    assert isinstance(await register_key(house.app, key, "test"), KeyRegistered)
    opened = await change_rails(
        house.app, code, [(one, "") for one in stores], "test", is_open=True
    )
    assert opened == len(stores)
    return Machine(
        house=house, acquirer=added, key_id=key.key_id, secret=secret, algorithm=algorithm
    )


def new_ref(what: str) -> str:
    """A number of the acquirer's own that was never used."""
    return f"{what}-{secrets.token_hex(6)}"


async def lock(
    client: httpx.AsyncClient,
    at: Machine,
    who: Winner,
    ref: str,
    yuan: str = "1000",
    store: str = "jianghan",
) -> dict[str, Any]:
    """Scan a fresh code and lock the voucher under an order's number."""
    code = await fresh_code(client, who)
    answer = await at.post(client, "locks", order_ref=ref, store=store, code=code, **order(yuan))
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def redeem(
    client: httpx.AsyncClient, at: Machine, ref: str, payment_ref: str, paid_fen: int = 80_000
) -> httpx.Response:
    """Report a payment under an order."""
    return await at.post(
        client, "redemptions", order_ref=ref, payment_ref=payment_ref, paid_fen=paid_fen
    )
