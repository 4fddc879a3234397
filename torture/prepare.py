"""What officials did the day before: rules, money, stores, acquirers, accounts, sign-ins.  开办

The rules are the demonstration's with two numbers changed, so that a run of some minutes sees
money leave and vouchers expire: merchants are settled a day after they redeemed, and a voucher is
good for two days.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from huiquan.actions.add_acquirer import add_acquirer
from huiquan.actions.add_staff import NewStaff, add_staff
from huiquan.actions.change_rails import change_rails
from huiquan.actions.fund_campaign import fund_campaign
from huiquan.actions.publish_campaign import Published, publish_campaign
from huiquan.actions.register_key import KeyRegistered, NewKey, register_key
from huiquan.actions.send_configs import send_configs
from huiquan.app import App
from huiquan.cli.demo import demo_rulebook
from huiquan.cli.house import open_house
from huiquan.cli.store import import_stores
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.request_signing import Algorithm
from huiquan.domain.roles import Role
from huiquan.gateways.maps import load_regions
from huiquan.settings import Settings
from simulation.paying import Payers, name_accounts
from simulation.stores import DemoStore, make_stores, write_stores
from simulation.trade import Trade, open_trade

CAMPAIGN = "2026-mashangyouli"
CAMPAIGN_ID = 1
CONSENT_VERSION = "2026-01"
RULEBOOK = Path(__file__).parents[1] / "campaigns" / f"{CAMPAIGN}.toml"
BUDGET_FEN = 10_000_000_000
APPROPRIATION = "appropriation 1"
CHANGED = {"settlement_hold_days": 1, "valid_days": 2}
STORES = 9  # three online, three of dining, three of retail
ACQUIRERS = (("wepay", "wechat"), ("alipay", "alipay"))
STAFF = {"payer": Role.OPERATOR, "approver": Role.SUPERVISOR}
BY = "torture"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What the people of a run need to know: stores, passwords, and the acquirers' keys."""

    stores: list[DemoStore]
    password: str
    secrets: dict[str, Ed25519PrivateKey]
    trade: Trade


def rulebook() -> str:
    """The rules of the run, as text."""
    text = demo_rulebook(RULEBOOK.read_text())
    for name, number in CHANGED.items():
        text, times = re.subn(rf"(?m)^{name} = \d+", f"{name} = {number}", text)
        assert times == 1, name
    # The demonstration's online stores take vouchers at a desk; here they are used in orders.
    text, times = re.subn(r"(?m)^orders_only = false", "orders_only = true", text)
    assert times == 1
    return text


async def prepare(settings: Settings, seed: int, ears_url: str) -> Prepared:
    """Publish and fund the campaign, open stores and let acquirers in, the day before."""
    stores = make_stores(load_regions(), seed, STORES)
    write_stores(settings.home / "stores.csv", stores)
    secrets = {code: Ed25519PrivateKey.generate() for code, _ in ACQUIRERS}
    password = os.urandom(12).hex()
    async with open_house(settings) as app:
        published = await publish_campaign(app, rulebook(), BY)
        assert isinstance(published, Published), published
        funded = await fund_campaign(app, CAMPAIGN, BUDGET_FEN, APPROPRIATION, BY)
        assert funded == BUDGET_FEN, funded
        await send_configs(app)
        await import_stores(app, CAMPAIGN, settings.home / "stores.csv", BY)
        for code, rail in ACQUIRERS:
            await _let_in(app, code, rail, ears_url, secrets[code], stores)
        staff = []
        for login, role in STAFF.items():
            new = NewStaff(login=login, name=login, role=role, password=password)
            added = await add_staff(app, new, BY)
            assert isinstance(added, int), added
            staff.append(added)
        await name_accounts(app, Payers(operator=staff[0], supervisor=staff[1]))
        trade = await open_trade(app, stores, (staff[0], staff[1]), f"{ears_url}/callbacks")
    return Prepared(stores=stores, password=password, secrets=secrets, trade=trade)


async def _let_in(
    app: App,
    code: str,
    rail: str,
    ears_url: str,
    secret: Ed25519PrivateKey,
    stores: list[DemoStore],
) -> None:
    """An acquirer with its key, whose rail every store takes."""
    new = Acquirer(
        acquirer_id=0,
        code=code,
        name_zh=f"{code}收单",
        name_en=code,
        rail=rail,
        is_sandbox=False,
        callback_url=f"{ears_url}/callbacks",
    )
    added = await add_acquirer(app, new, BY)
    assert isinstance(added, Acquirer), added
    pem = secret.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    key = NewKey(acquirer=code, key_id=f"{code}-1", algorithm=Algorithm.ED25519, pem=pem)
    known = await register_key(app, key, BY)
    assert isinstance(known, KeyRegistered), known
    taking = [(store.code, "") for store in stores]
    opened = await change_rails(app, code, taking, BY, is_open=True)
    assert opened == len(stores), opened


async def change_mood(url: str, **moods: float) -> None:
    """Let a simulated outsider behave otherwise from now on."""
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        answer = await client.post(f"{url}/control", json=moods)
        answer.raise_for_status()
