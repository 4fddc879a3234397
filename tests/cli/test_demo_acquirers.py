"""The demonstration's acquirers: stores take their rails, and the sandbox's key is left there."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from huiquan.cli.demo_acquirers import KEY_FILE, KEY_NAME, add_demo_acquirers
from huiquan.db.connection import Database
from huiquan.views.acquirers import every_acquirer
from tests.acquirers import Machine
from tests.houses import make_house, publish, visit
from tests.shops import order, shop


async def test_a_visitor_tries_the_sandbox_with_the_key_that_was_left(
    database: Database, tmp_path: Path
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await shop(house, campaign)
    stores = tmp_path / "stores.csv"
    stores.write_text("code,name\njianghan,江汉路店\n")
    for _ in range(2):
        await add_demo_acquirers(house.app, stores, tmp_path)
    lines = await every_acquirer(house.app)
    assert [(one.acquirer.rail, one.acquirer.is_sandbox, one.stores) for one in lines] == [
        *(("wechat", False, 1), ("alipay", False, 1), ("demo", True, 1)),
        *(("none", True, 0), ("none", True, 0)),
    ]
    secret = load_pem_private_key((tmp_path / KEY_FILE).read_bytes(), password=None)
    assert isinstance(secret, Ed25519PrivateKey)
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    at = Machine(house=house, acquirer=lines[2].acquirer, key_id=KEY_NAME, secret=secret)
    async with visit(house) as client:
        asked = {"store": "jianghan", "code": "900000000001", **order("1000")}
        assert (await at.post(client, "quote", **asked)).json()["to_pay_fen"] == 80_000
        listed = (await client.get("/api/v1/stores")).json()["items"]
    assert [one["rails"] for one in listed] == [["alipay", "wechat"]]
