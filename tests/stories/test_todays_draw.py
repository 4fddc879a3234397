"""Today's draw, from the tap to the proof in one's hand, with real signers."""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from huiquan.actions.log_rounds import log_rounds
from huiquan.actions.publish_checkpoint import publish_checkpoint
from huiquan.actions.send_configs import send_configs
from huiquan.db.connection import Database
from huiquan.domain.receipts import outcome_receipt_from_json
from huiquan.gateways.notary import connect_signer
from huiquan.jobs.rounds import drain
from tests.houses import (
    OPEN,
    House,
    bearer,
    location,
    make_house,
    person,
    publish,
    register,
    source_of_2026,
    visit,
)
from tests.signers import signers_at

PEOPLE = 40

# About every third draw wins, so that a few dozen people see wins and misses.
LIVELY = (
    ("workday_entries = 1_320_000", "workday_entries = 55_000"),
    ("weekend_entries = 1_980_000", "weekend_entries = 82_500"),
    ("holiday_entries = 1_980_000", "holiday_entries = 110_000"),
    ("entries = 2_200_000", "entries = 55_000"),
    ("p_max_percent = 5", "p_max_percent = 20"),
)


def tap(house: House, pack: int = 3, **changes: Any) -> dict[str, Any]:
    """One tap on the button."""
    return {
        "request_key": secrets.token_hex(8),
        "client_nonce": secrets.token_hex(16),
        "pack": pack,
        "location": location(house),
        **changes,
    }


async def enter(house: House, client: httpx.AsyncClient, token: str) -> dict[str, Any]:
    answer = await client.post("/api/v1/draws", json=tap(house), headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.requirement("R1.3")
@pytest.mark.requirement("R5.1")
async def test_everyone_who_entered_learns_and_can_prove_their_outcome(
    database: Database, tmp_path: Path
) -> None:
    with signers_at(tmp_path, OPEN - timedelta(days=1)) as signers:
        notary = await connect_signer("notary", signers.url("notary"))
        auditor = await connect_signer("auditor", signers.url("auditor"))
        house = make_house(database, notary=notary, auditor=auditor)
        await publish(house, source_of_2026(*LIVELY))
        assert await send_configs(house.app) == 1
        signers.clock.now = OPEN
        campaign = await publish(house, source_of_2026(*LIVELY))
        async with visit(house) as client:
            tokens = []
            for n in range(PEOPLE):
                told = await register(house, client, campaign, person(n))
                assert told.status_code == 201, told.text
                tokens.append(told.json()["token"])
                house.clock.move(seconds=1)
            for token in tokens:
                await enter(house, client, token)
            assert await drain(house.app, campaign) > 0
            await log_rounds(house.app, campaign.campaign_id)
            await publish_checkpoint(house.app, campaign)
            outcomes = []
            for token in tokens:
                mine = await client.get("/api/v1/draws/20260206", headers=bearer(token))
                proof = await client.get("/api/v1/draws/20260206/receipt", headers=bearer(token))
                assert mine.status_code == proof.status_code == 200, proof.text
                receipt = outcome_receipt_from_json(proof.json())
                assert receipt.log is not None
                outcomes.append(mine.json())
        print({one["state"] for one in outcomes}, sum(one["state"] == "won" for one in outcomes))
        assert {one["state"] for one in outcomes} == {"won", "missed"}
