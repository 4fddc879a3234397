"""Those whom online orders need: a platform, a carrier, a warehouse for each store.  线上商贸

They are let in as officials do it: added with their keys, the platform's rail opened at the online
stores, each warehouse registered with a proof and approved by two people.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from huiquan.actions.add_acquirer import add_acquirer
from huiquan.actions.approve_warehouse import approve_warehouse
from huiquan.actions.change_rails import change_rails
from huiquan.actions.register_key import NewKey, register_key
from huiquan.actions.register_warehouse import NewWarehouse, register_warehouse
from huiquan.app import App
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.coordinates import Datum
from huiquan.domain.parcel_events import Sender
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import Algorithm
from simulation.stores import ONLINE, DemoStore

PLATFORM, CARRIER, KEEPER = "mall", "express", "keeper"
OTHER_WAREHOUSE = "wh-unapproved"
PROOF = "仓库租赁合同"
_NAMES = {
    PLATFORM: ("荆楚优选", "Jingchu Mall", "mallpay", Sender.ACQUIRER),
    CARRIER: ("楚天速运", "Chutian Express", "none", Sender.CARRIER),
    KEEPER: ("江夏仓储", "Jiangxia Storage", "none", Sender.WAREHOUSE),
}


@dataclass(frozen=True, kw_only=True)
class Trade:
    """The keys of all three, and the warehouse of each online store by the store's code."""

    secrets: Mapping[str, Ed25519PrivateKey]
    stores: Sequence[DemoStore]

    def warehouse(self, store: DemoStore) -> str:
        """The code of the warehouse from which a store's goods are shipped."""
        return _warehouse(store)

    def key_id(self, code: str) -> str:
        """The name of somebody's key."""
        return f"{code}-1"


async def open_trade(
    app: App, stores: Sequence[DemoStore], approvers: tuple[int, int], callback_url: str | None
) -> Trade:
    """Let all three in, and have a warehouse of every online store approved."""
    online = [store for store in stores if ONLINE in store.packs]
    secrets = {}
    for code, (name_zh, name_en, rail, kind) in _NAMES.items():
        new = Acquirer(
            acquirer_id=0,
            code=code,
            name_zh=name_zh,
            name_en=name_en,
            rail=rail,
            is_sandbox=False,
            callback_url=callback_url if kind is Sender.ACQUIRER else None,
            kind=kind,
        )
        _insist(await add_acquirer(app, new, "simulation"))
        secrets[code] = Ed25519PrivateKey.generate()
        _insist(await register_key(app, _key(code, secrets[code]), "simulation"))
    taking = [(store.code, "") for store in online]
    _insist(await change_rails(app, PLATFORM, taking, "simulation", is_open=True))
    for store in online:
        row = await register_warehouse(app, _handed_in(store, _warehouse(store)), "simulation")
        assert not isinstance(row, Refusal), row
        for staff_id in approvers:
            _insist(await approve_warehouse(app, row.warehouse_id, staff_id))
    unapproved = _handed_in(online[0], OTHER_WAREHOUSE)
    _insist(await register_warehouse(app, unapproved, "simulation"))
    return Trade(secrets=secrets, stores=online)


def _warehouse(store: DemoStore) -> str:
    return f"wh-{store.code}"


def _key(code: str, secret: Ed25519PrivateKey) -> NewKey:
    pem = secret.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return NewKey(acquirer=code, key_id=f"{code}-1", algorithm=Algorithm.ED25519, pem=pem)


def _handed_in(store: DemoStore, code: str) -> NewWarehouse:
    """A warehouse at the store's own place."""
    return NewWarehouse(
        code=code,
        store=store.code,
        operator=KEEPER,
        name=f"{store.name}仓",
        address=f"湖北省{store.address}",
        lat=store.lat,
        lng=store.lng,
        datum=Datum(store.datum),
        proof=PROOF,
        proof_sha256=hashlib.sha256(f"{PROOF} {code}".encode()).digest(),
    )


def _insist(outcome: object) -> None:
    assert not isinstance(outcome, Refusal), outcome
