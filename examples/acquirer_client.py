"""A client for the acquirer's door of huiquan, to read and to copy.  收单接口参考客户端

Python's standard library and `cryptography` are all it needs. It shows what an integrator has to
get right: sign the exact bytes, a fresh nonce each time, one number for one thing, and after a
lost answer ask again under the same number, which never does anything twice.

    python examples/acquirer_client.py --url http://127.0.0.1:8610 --key wepay-1 \\
        --pem private.pem sale --store jianghan --code 900000000001 --order-fen 100000
"""

import argparse
import base64
import hashlib
import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

FORMAT = "huiquan-request/1"
WINDOW_MS = 5 * 60 * 1000
TRIES = 6


class RefusedError(Exception):
    """The house said no; `code` says why, and what to do stands in GET /acquirer/v1/errors."""

    def __init__(self, status: int, answer: Mapping[str, Any]) -> None:
        super().__init__(f"{answer.get('code')}: {answer.get('zh')} {answer.get('en')}")
        self.status = status
        self.code = str(answer.get("code"))
        self.detail = answer.get("detail")


def text_to_sign(method: str, target: str, time_ms: str, nonce: str, body: bytes) -> bytes:
    """Six lines, each ended by a line feed: format, method, path with query, time, nonce, hash."""
    digest = hashlib.sha256(body).hexdigest()
    return "\n".join((FORMAT, method, target, time_ms, nonce, digest, "")).encode()


def sign(private_key: Ed25519PrivateKey | RSAPrivateKey, text: bytes, *, is_pss: bool) -> bytes:
    """The signature, in the way the key was registered for: an RSA key with PSS or PKCS #1 v1.5."""
    if isinstance(private_key, Ed25519PrivateKey):
        return private_key.sign(text)
    if not is_pss:
        return private_key.sign(text, padding.PKCS1v15(), SHA256())
    return private_key.sign(text, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())


@dataclass
class House:
    """The house as an acquirer's machine sees it. `clock_ms` may follow a demonstration's clock.

    is_pss: how an RSA key signs, rsa-pss-sha256 or else rsa-pkcs1-sha256.
    """

    url: str
    key_name: str
    private_key: Ed25519PrivateKey | RSAPrivateKey
    is_pss: bool = True
    timeout_s: float = 10.0
    clock_ms: Any = field(default=lambda: time.time_ns() // 1_000_000)

    def post(self, way: str, **message: Any) -> dict[str, Any]:
        """Have something done. After a lost answer, 429 or 503: the same bytes, a new nonce."""
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
        return json.loads(self._insist("POST", f"/acquirer/v1/{way}", body)[1])

    def get(self, way: str) -> dict[str, Any]:
        """Ask what became of something."""
        return json.loads(self._insist("GET", f"/acquirer/v1/{way}", b"")[1])

    def bill(self, day: str, platform_key: bytes, acquirer: str) -> str:
        """A day's bill, its hash and the platform's signature checked."""
        headers, csv = self._insist("GET", f"/acquirer/v1/bills/{day}", b"")
        digest = hashlib.sha256(csv).hexdigest()
        lines = ("huiquan-bill/1", acquirer, day, headers["huiquan-lines"], digest, "")
        signature = base64.b64decode(headers["huiquan-signature"])
        Ed25519PublicKey.from_public_bytes(platform_key).verify(
            signature, "\n".join(lines).encode()
        )
        return csv.decode()

    def _insist(self, method: str, target: str, body: bytes) -> tuple[dict[str, str], bytes]:
        for turn in range(TRIES):
            wait_s = 2.0**turn / 4
            try:
                return self._ask(method, target, body)
            except RefusedError as refused:
                if refused.status not in (429, 503) or turn == TRIES - 1:
                    raise
                wait_s = max(wait_s, (refused.detail or {}).get("wait_s", 0))
            except OSError:
                # Nobody knows whether it arrived. The same number asked again cannot hurt.
                if turn == TRIES - 1:
                    raise
            time.sleep(wait_s)
        raise AssertionError("the last turn returns or raises")

    def _ask(self, method: str, target: str, body: bytes) -> tuple[dict[str, str], bytes]:
        request = urllib.request.Request(
            self.url + target,
            data=body if method == "POST" else None,
            method=method,
            headers=self.headers(method, target, body),
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_s) as answer:
                return {
                    name.lower(): value for name, value in answer.headers.items()
                }, answer.read()
        except urllib.error.HTTPError as error:
            said = error.read()
            try:
                told = json.loads(said)
            except ValueError:
                told = {"code": "unreadable"}
            raise RefusedError(error.code, told) from error

    def headers(self, method: str, target: str, body: bytes) -> dict[str, str]:
        """The four headers of a signed request."""
        time_ms, nonce = str(self.clock_ms()), secrets.token_hex(16)
        text = text_to_sign(method, target, time_ms, nonce, body)
        signature = sign(self.private_key, text, is_pss=self.is_pss)
        return {
            "Huiquan-Key": self.key_name,
            "Huiquan-Time": time_ms,
            "Huiquan-Nonce": nonce,
            "Huiquan-Signature": base64.b64encode(signature).decode(),
            "Content-Type": "application/json",
        }


def is_callback_genuine(
    platform_key: bytes, target: str, headers: Mapping[str, str], body: bytes, now_ms: int
) -> bool:
    """True if the house sent this callback, within five minutes. Answer {"received": event} then.

    It may come twice: keep the events you have seen, and act on each once.
    """
    told = {name.lower(): value for name, value in headers.items()}
    text = text_to_sign("POST", target, told["huiquan-time"], told["huiquan-nonce"], body)
    try:
        signature = base64.b64decode(told["huiquan-signature"], validate=True)
        Ed25519PublicKey.from_public_bytes(platform_key).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return abs(int(told["huiquan-time"]) - now_ms) <= WINDOW_MS


def clock_of(url: str) -> int:
    """The house's own time in milliseconds; in earnest it is everybody's."""
    with urllib.request.urlopen(f"{url}/api/v1/now", timeout=10) as answer:
        at = datetime.fromisoformat(json.loads(answer.read())["at"])
    return round(at.timestamp() * 1000)


def sell(house: House, *, store: str, code: str, order_fen: int, pay: Any) -> dict[str, Any]:
    """A whole sale: lock, have the customer pay, redeem; give the voucher back if they do not.

    `pay` gets the amount in fen and gives your payment's number, or None when the customer left.
    """
    order_ref = f"order-{secrets.token_hex(8)}"
    locked = house.post(
        "locks", order_ref=order_ref, store=store, code=code, order_fen=order_fen, offers=[]
    )
    payment_ref = pay(locked["to_pay_fen"])
    if payment_ref is None:
        return house.post("unlocks", order_ref=order_ref)
    return house.post(
        "redemptions",
        order_ref=order_ref,
        payment_ref=payment_ref,
        paid_fen=locked["to_pay_fen"],
        paid_by="holder",
    )


def main(words: list[str] | None = None) -> None:
    """The same from a terminal, for a first try."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--url", required=True)
    asked.add_argument("--key", required=True, help="the name your key was registered under")
    asked.add_argument("--pem", required=True, type=Path, help="your private key")
    asked.add_argument("--pkcs1", action="store_true", help="an RSA key that signs so, not PSS")
    ways = asked.add_subparsers(dest="way", required=True)
    sale = ways.add_parser("sale")
    sale.add_argument("--store", required=True)
    sale.add_argument("--code", required=True)
    sale.add_argument("--order-fen", required=True, type=int)
    back = ways.add_parser("refund")
    back.add_argument("--payment", required=True, help="your payment's number")
    back.add_argument("--amount-fen", required=True, type=int, help="value of the goods")
    ways.add_parser("ask").add_argument("what", help="orders/NUMBER, payments/NUMBER, errors …")
    asked.add_argument(
        "--house-clock", action="store_true", help="go by the clock of a demonstration"
    )
    told = asked.parse_args(words)
    key = load_pem_private_key(told.pem.read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey | RSAPrivateKey), "an Ed25519 or RSA key"
    house = House(told.url, told.key, key, is_pss=not told.pkcs1)
    if told.house_clock:
        ahead_ms = clock_of(told.url) - house.clock_ms()
        house.clock_ms = lambda: time.time_ns() // 1_000_000 + ahead_ms
    if told.way == "ask":
        answer = house.get(told.what)
    elif told.way == "refund":
        back = {"payment_ref": told.payment, "amount_fen": told.amount_fen}
        answer = house.post("refunds", refund_ref=f"refund-{secrets.token_hex(8)}", **back)
    else:
        answer = sell(
            house,
            store=told.store,
            code=told.code,
            order_fen=told.order_fen,
            pay=lambda _: f"payment-{secrets.token_hex(8)}",
        )
    print(json.dumps(answer, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
