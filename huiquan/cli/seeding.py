"""What a demonstration starts with: campaign, money, stores, cashiers, an official.  演示数据"""

import csv
import subprocess
import sys
from pathlib import Path

import asyncpg

from huiquan.actions.add_staff import NewStaff, add_staff
from huiquan.actions.fund_campaign import fund_campaign
from huiquan.actions.publish_campaign import Published, publish_campaign
from huiquan.actions.send_configs import send_configs
from huiquan.actions.sign_in_staff import sign_in_staff
from huiquan.app import App
from huiquan.cli.demo import demo_rulebook
from huiquan.cli.demo_acquirers import add_demo_acquirers
from huiquan.cli.house import open_house
from huiquan.cli.naming import name_by_two
from huiquan.cli.store import import_stores
from huiquan.cli.trouble import fail, granted, refused
from huiquan.db import staff
from huiquan.domain.payment_files import PayeeAccount
from huiquan.domain.refusals import Refusal
from huiquan.domain.roles import Role
from huiquan.settings import Settings

CAMPAIGNS = Path(__file__).parents[2] / "campaigns"
STORES_FILE = "demo-stores.csv"
PEOPLE_FILE = "demo-people.csv"
SEED = "1"

OFFICIAL = NewStaff(login="province", name="王监管", role=Role.SUPERVISOR, password="huiquan-demo")
OPERATOR = NewStaff(login="platform", name="李运营", role=Role.OPERATOR, password="huiquan-demo")
TREASURER = NewStaff(login="finance", name="赵财务", role=Role.SUPERVISOR, password="huiquan-demo")
OFFICIAL_SIGN_IN = f"sign in as {OFFICIAL.login} / huiquan-demo"


def campaign_codes() -> tuple[str, ...]:
    """The codes of the rulebooks that come with the house; each needs a pseudonym key."""
    return tuple(sorted(path.stem for path in CAMPAIGNS.glob("*.toml")))


async def is_seeded(settings: Settings) -> bool:
    """Whether the last step of the seeding was done; each step may be done again."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        return await staff.is_known(connection, OFFICIAL.login)
    finally:
        await connection.close()


async def seed(settings: Settings) -> None:
    """Publish, fund, open stores and give out sign-ins, as on the day before."""
    async with open_house(settings) as house:
        campaign = await _publish(house)
        await send_configs(house)
        _simulation("stores", "--seed", SEED, "--out", str(settings.home / STORES_FILE))
        _simulation("people", "--seed", SEED, "--out", str(settings.home / PEOPLE_FILE))
        await import_stores(house, campaign, settings.home / STORES_FILE, "demo")
        await add_demo_acquirers(house, settings.home / STORES_FILE, settings.home)
        pair = [await _let_in(house, somebody) for somebody in (OPERATOR, TREASURER)]
        await _name_accounts(house, settings.home / STORES_FILE, *pair)
        await _let_in(house, OFFICIAL)


def crowd_arguments(settings: Settings, people: int) -> list[str]:
    """How to start the crowd as a process of its own."""
    return [
        *("-m", "simulation", "crowd", "--people", str(people), "--seed", SEED),
        *("--url", f"http://{settings.host}:{settings.web_port}"),
        *("--sms-url", settings.sms_url),
        *("--stores", str(settings.home / STORES_FILE)),
    ]


def cashier_sign_in(settings: Settings) -> str:
    """A cashier's sign-in a visitor can use: the first dining store of the demo."""
    with (settings.home / STORES_FILE).open(newline="") as file:
        row = next(row for row in csv.DictReader(file) if "3" in row["packs"].split())
    return f"sign in as {row['login']} / {row['pin']}  ({row['name']})"


async def _let_in(house: App, somebody: NewStaff) -> int:
    """Give somebody a sign-in, or find who has it since the seeding began; gives the id."""
    added = await add_staff(house, somebody, "demo")
    if added is Refusal.LOGIN_TAKEN:
        return granted(await sign_in_staff(house, somebody.login, somebody.password)).staff_id
    return granted(added)


async def _name_accounts(house: App, file: Path, asker: int, confirmer: int) -> None:
    """An account for each merchant, so that payment files can be tried out."""
    with file.open(newline="") as opened:
        merchants = {row["uscc"]: row["merchant_name"] for row in csv.DictReader(opened)}
    for number, (uscc, name) in enumerate(sorted(merchants.items())):
        account = PayeeAccount(
            account_no=f"42001234{number:011}",
            account_name=name,
            bank_name="中国建设银行武汉分行",
            bank_code="105521000018",
        )
        granted(await name_by_two(house, uscc, account, asker, confirmer))


async def _publish(house: App) -> str:
    rulebook = CAMPAIGNS / f"{house.settings.campaign}.toml"
    text = demo_rulebook(rulebook.read_text())
    (house.settings.home / "demo-rulebook.toml").write_text(text)
    outcome = await publish_campaign(house, text, "demo")
    if isinstance(outcome, Refusal):
        refused(outcome)
    if not isinstance(outcome, Published):
        fail(f"{rulebook}:{outcome.line}: {outcome.reason_en}")
    budget_fen = 10_000_000_000
    funded = await fund_campaign(
        house, outcome.code, budget_fen, "鄂财拨〔2026〕1号", "demo", payer="湖北省财政厅"
    )
    if isinstance(funded, Refusal):
        refused(funded)
    return outcome.code


def _simulation(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "simulation", *words], check=True)
