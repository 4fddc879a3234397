"""Ten o'clock at two web processes: whoever taps at both enters once, and no number is left out."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from huiquan.db.connection import open_database
from huiquan.domain.receipts import entry_receipt_from_json, is_entry_receipt
from tests.houses import bearer, location, make_house, person, publish, register
from tests.ports import open_port

PEOPLE = 12


@pytest.mark.requirement("R1.4")
async def test_everyone_taps_at_both_processes_and_enters_once(database_url: str) -> None:
    databases = [await open_database(database_url) for _ in range(2)]
    houses = [make_house(one) for one in databases]
    campaign = await publish(houses[0])
    async with (
        open_port(houses[0].app) as here,
        open_port(houses[1].app) as there,
        httpx.AsyncClient(timeout=60) as client,
    ):
        client.base_url = httpx.URL(f"http://127.0.0.1:{here}")
        tokens = []
        for n in range(1, PEOPLE + 1):
            answer = await register(houses[0], client, campaign, person(n))
            tokens.append(answer.json()["token"])

        async def tap(port: int, n: int, key: str) -> tuple[int, dict[str, Any]]:
            body = {
                "request_key": key.replace(" ", "-"),
                "client_nonce": f"{n:032x}",
                "pack": 3,
                "location": location(houses[0]),
            }
            url = f"http://127.0.0.1:{port}/api/v1/draws"
            headers = bearer(tokens[n])
            answer = await client.post(url, content=json.dumps(body), headers=headers)
            return answer.status_code, answer.json()

        for n in range(PEOPLE):
            # The same tap at both doors, and another one at each.
            answers = await asyncio.gather(
                *(tap(port, n, "the same tap") for port in (here, there) for _ in range(2)),
                *(tap(port, n, f"another tap {port}") for port in (here, there)),
            )
            receipts = [one for status, one in answers if status == 200]
            refused = [one["code"] for status, one in answers if status != 200]
            assert set(refused) <= {"already_entered"}
            assert receipts
            assert len({one["entry"] for one in receipts}) == 1
            for one in receipts:
                receipt = entry_receipt_from_json(one)
                assert is_entry_receipt(receipt, houses[0].app.signer.key, n.to_bytes(16))
    async with databases[0].reading() as tx:
        rows = await tx.fetch("select lane, idx, pid from entries order by lane, idx")
    assert len({row["pid"] for row in rows}) == len(rows) == PEOPLE
    for lane in {row["lane"] for row in rows}:
        numbers = [row["idx"] for row in rows if row["lane"] == lane]
        assert numbers == list(range(len(numbers)))
    for one in databases:
        await one.close()
