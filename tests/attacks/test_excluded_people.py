""" "The operator's own clerk won three times."

Staff of the platform, the department and the signers could know or decide. A house whose exclusion
list is empty lets them in; afterwards it shows a list on which they never stood.
"""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from huiquan.actions.publish_config import publish_config
from huiquan.cli.exclusion import import_exclusions
from huiquan.db import configs
from huiquan.db.connection import Database
from huiquan.domain.draw_config import decode_config
from huiquan.domain.exclusions import exclusion_list, exclusion_list_hash
from huiquan.domain.people import DocumentKind, normalise_document, person_key
from huiquan.domain.refusals import Refusal
from huiquan.views.exclusions import exclusion_list_at
from tests.houses import CAMPAIGN, House, bearer, make_house, person, publish, register, visit
from tests.stories.test_consents import tap

CLERK = person(1)


def staff_list(tmp_path: Path, *numbers: str) -> Path:
    """A list of staff as the personnel office writes it."""
    file = tmp_path / "staff.csv"
    lines = [f"resident_id,{number},平台工作人员" for number in numbers]
    file.write_text("\n".join(["kind,number,reason", *lines]) + "\n")
    return file


async def enters(house: House, client: httpx.AsyncClient, token: str) -> str:
    """What the door says to a tap."""
    answer = await tap(house, client, bearer(token))
    told: dict[str, Any] = answer.json()
    return "entered" if answer.status_code == 200 else str(told["code"])


@pytest.mark.requirement("R5.1")
async def test_a_clerk_enters_where_the_list_is_empty_and_is_refused_where_the_clerk_stands_on_it(
    database: Database, tmp_path: Path
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        registered = await register(house, client, campaign, CLERK)
        token = registered.json()["token"]
        # The weak house: nobody was ever put on the list.
        assert await enters(house, client, token) == "entered"
        house.clock.move(days=1)
        file = staff_list(tmp_path, CLERK.number, person(2).number)
        assert await import_exclusions(house.app, CAMPAIGN, file, "personnel") == 2
        assert await import_exclusions(house.app, CAMPAIGN, file, "personnel") == 0
        assert await enters(house, client, token) == "excluded"
        late = await register(house, client, campaign, person(2))
        assert late.json()["code"] == "excluded"


@pytest.mark.requirement("R5.1")
async def test_the_next_config_names_the_list_and_nobody_can_be_struck_off_it_afterwards(
    database: Database, tmp_path: Path
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    file = staff_list(tmp_path, CLERK.number, person(2).number)
    await import_exclusions(house.app, CAMPAIGN, file, "personnel")
    cfg_hash = await publish_config(house.app, CAMPAIGN)
    assert isinstance(cfg_hash, bytes)
    async with house.app.db.reading() as tx:
        named = await configs.by_hash(tx, campaign.campaign_id, cfg_hash)
    assert named is not None
    config = decode_config(named.body)
    house.clock.move(days=1)
    await import_exclusions(house.app, CAMPAIGN, staff_list(tmp_path, person(3).number), "later")
    kept = await exclusion_list_at(house.app, CAMPAIGN, config.published_at)
    assert isinstance(kept, bytes)
    assert exclusion_list_hash(kept) == config.exclusion_list_hash
    document = normalise_document(DocumentKind.RESIDENT_ID, CLERK.number)
    assert not isinstance(document, Refusal)
    clerk = person_key(house.app.keys.lookup, document)
    assert clerk.hex().encode() in kept.split()
    # The weak house shows a list without the clerk; its hash is another.
    without = exclusion_list(
        bytes.fromhex(line) for line in kept.decode().split() if line != clerk.hex()
    )
    assert exclusion_list_hash(without) != config.exclusion_list_hash
    assert CLERK.number.encode() not in kept
    assert json.loads(named.body)["exclusion_list_hash"] == config.exclusion_list_hash
