"""Nobody's data are written into a log, even when something of ours breaks."""

import json

import pytest

from huiquan.db.connection import Database
from huiquan.domain.people import Document, IdentityAnswer
from tests.houses import ask_code, make_house, person, publish, registration, visit


class BrokenIdentity:
    """An authority whose client has a bug."""

    async def check(self, name: str, document: Document) -> IdentityAnswer:
        raise ZeroDivisionError


async def test_an_error_of_ours_is_logged_with_its_lines_and_without_anybodys_data(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    house = make_house(database, identity=BrokenIdentity())
    campaign = await publish(house)
    who = person(1)
    async with visit(house) as client:
        await ask_code(client, campaign, who)
        body = registration(house, campaign, who)
        answer = await client.post("/api/v1/registrations", json=body)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    written = capsys.readouterr()
    lines = [json.loads(line) for line in written.out.splitlines() if line.startswith("{")]
    (line,) = (one for one in lines if one["event"] == "unforeseen error")
    assert "ZeroDivisionError" in line["exception"]
    assert "register_consumer.py" in line["exception"]
    for secret in (who.name, who.number, who.phone, house.sms.code_for(who.phone)):
        assert secret not in written.out + written.err
