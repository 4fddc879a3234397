"""The demonstration's acquirers: two rails that stores take, and a sandbox to try.  演示收单机构

The sandbox has a carrier and a warehouse, too, so that online orders can be tried. All three
private keys are left in the house's home, for the walks through docs/api.md.
"""

import csv
import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from huiquan.actions.add_acquirer import add_acquirer
from huiquan.actions.change_rails import change_rails
from huiquan.actions.register_key import NewKey, register_key
from huiquan.app import App
from huiquan.cli.trouble import refused
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.parcel_events import Sender
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import Algorithm

KEY_FILE = "demo-acquirer.pem"
SANDBOX = "demo-try"
KEY_NAME = "demo-try-1"

# Who speaks of parcels in the sandbox: code, names, what it is, and the file of its key.
_OF_PARCELS = (
    ("demo-van", "沙箱承运", "Sandbox carrier", Sender.CARRIER, "demo-carrier.pem"),
    ("demo-depot", "沙箱仓储", "Sandbox warehouse", Sender.WAREHOUSE, "demo-warehouse.pem"),
)

# Code, names, rail, and of how many stores in ten it is taken.
_ACQUIRERS = (
    ("demo-wechat", "演示微信收单", "Demo WeChat acquirer", "wechat", 9),
    ("demo-alipay", "演示支付宝收单", "Demo Alipay acquirer", "alipay", 7),
    (SANDBOX, "沙箱收单", "Sandbox acquirer", "demo", 10),
)


async def add_demo_acquirers(house: App, stores: Path, home: Path) -> None:
    """Add them with their stores; what is there already stays."""
    with stores.open(newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    for code, name_zh, name_en, rail, tenths in _ACQUIRERS:
        new = Acquirer(
            acquirer_id=0,
            code=code,
            name_zh=name_zh,
            name_en=name_en,
            rail=rail,
            is_sandbox=code == SANDBOX,
        )
        _insist(await add_acquirer(house, new, "demo"), Refusal.ACQUIRER_KNOWN)
        taking = [(store, "") for n, store in enumerate(codes) if n % 10 < tenths]
        _insist(await change_rails(house, code, taking, "demo", is_open=True))
    await _give_key(house, SANDBOX, KEY_NAME, home / KEY_FILE)
    for code, name_zh, name_en, kind, key_file in _OF_PARCELS:
        new = Acquirer(
            acquirer_id=0,
            code=code,
            name_zh=name_zh,
            name_en=name_en,
            rail="none",
            is_sandbox=True,
            kind=kind,
        )
        _insist(await add_acquirer(house, new, "demo"), Refusal.ACQUIRER_KNOWN)
        await _give_key(house, code, f"{code}-1", home / key_file)


async def _give_key(house: App, code: str, name: str, file: Path) -> None:
    """Register the public half of a key whose private half lies in a file."""
    key = NewKey(acquirer=code, key_id=name, algorithm=Algorithm.ED25519, pem=_public_half(file))
    _insist(await register_key(house, key, "demo"), Refusal.KEY_TAKEN)


def _insist(outcome: object, known: Refusal | None = None) -> None:
    """A step of the seeding may be done again; any other refusal ends it."""
    if isinstance(outcome, Refusal) and outcome is not known:
        refused(outcome)


def _public_half(path: Path) -> bytes:
    """The public half of the key in a file, which is made when it is not there."""
    if not path.exists():
        private = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(private)
    secret = serialization.load_pem_private_key(path.read_bytes(), password=None)
    return secret.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
