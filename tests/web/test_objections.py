"""Objections at the console: who may read them, and how two people decide one."""

from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from huiquan.actions.file_objection import Filing, file_objection
from huiquan.db.connection import Database
from huiquan.domain.days import SHANGHAI
from huiquan.domain.roles import Role
from huiquan.views.lists import ListView, list_of_day
from tests.houses import bearer, sign_in_console
from tests.lists import CODE, DAY, ListHouse, list_house

PEOPLE = 20
PUBLICITY_OVER = datetime(2025, 11, 29, tzinfo=SHANGHAI)
AT = "/api/v1/console/objections"


async def objected(standing: ListHouse) -> tuple[ListView, int]:
    """A published list, and an objection to its first win."""
    folder = await standing.seal()
    standing.hold("notary", folder)
    standing.hold("auditor", folder)
    await standing.publish(folder)
    shown = await list_of_day(standing.house.app, CODE, DAY)
    assert isinstance(shown, ListView)
    filing = Filing(day=DAY, idx=shown.wins[0].idx, filed_by="李四 027-1", grounds="本单位员工参与")
    number = await file_objection(standing.house.app, CODE, filing, "staff:1")
    assert isinstance(number, int)
    return shown, number


async def decide(
    standing: ListHouse, token: str, number: int, verdict: str = "upheld", reason: str = "经核实"
) -> httpx.Response:
    """One person's decision."""
    return await standing.client.post(
        f"{AT}/{number}/decisions",
        json={"verdict": verdict, "reason": reason},
        headers=bearer(token),
    )


async def lines(standing: ListHouse, token: str) -> list[dict[str, Any]]:
    """The objections as this person sees them."""
    params = {"campaign": standing.campaign.campaign_id}
    answer = await standing.client.get(AT, params=params, headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


@pytest.mark.requirement("R5.1")
async def test_two_people_decide_an_objection_and_the_page_names_them(
    database: Database, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        shown, number = await objected(standing)
        one = (await sign_in_console(standing.house, standing.client))["token"]
        two = (await sign_in_console(standing.house, standing.client, Role.OPERATOR))["token"]
        (line,) = await lines(standing, one)
        assert line["draw_no"] == shown.wins[0].draw_no
        assert line["face_fen"] == shown.wins[0].face_fen
        assert (line["grounds"], line["filed_by"]) == ("本单位员工参与", "李四 027-1")
        assert datetime.fromisoformat(line["objections_until"]) == PUBLICITY_OVER
        assert (line["verdict"], line["first"], line["second"]) == (None, None, None)

        first = await decide(standing, one, number)
        assert (first.status_code, first.json()) == (200, {"objection": number, "is_final": False})
        again = await decide(standing, one, number)
        assert (again.status_code, again.json()["code"]) == (403, "same_person")
        other = await decide(standing, two, number, "dismissed")
        assert (other.status_code, other.json()["code"]) == (409, "decisions_differ")
        assert (await decide(standing, two, number)).json()["is_final"] is True
        late = await decide(standing, one, number)
        assert (late.status_code, late.json()["code"]) == (409, "objection_decided")

        (line,) = await lines(standing, two)
        assert (line["verdict"], line["reason"]) == ("upheld", "经核实")
        assert {line["first"]["by"], line["second"]["by"]} == {"王处"}
        assert line["first"]["at"] == standing.house.clock.now.isoformat()
        after = await list_of_day(standing.house.app, CODE, DAY)
        assert isinstance(after, ListView)
        assert after.wins[0].voided == "经核实"


@pytest.mark.requirement("R5.2")
async def test_an_official_of_one_city_neither_reads_nor_decides(
    database: Database, tmp_path: Path
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        _, number = await objected(standing)
        told = await sign_in_console(
            standing.house, standing.client, Role.CITY_SUPERVISOR, "420100"
        )
        params = {"campaign": standing.campaign.campaign_id}
        read = await standing.client.get(AT, params=params, headers=bearer(told["token"]))
        decided = await decide(standing, told["token"], number)
        assert (read.status_code, decided.status_code) == (403, 403)
        nobody = await standing.client.get(AT, params=params)
        assert nobody.status_code == 401


@pytest.mark.parametrize("body", [{"reason": " "}, {"reason": ""}, {"verdict": "maybe"}])
async def test_a_decision_has_a_verdict_and_a_reason(
    database: Database, tmp_path: Path, body: dict[str, str]
) -> None:
    async with list_house(database, tmp_path, PEOPLE) as standing:
        _, number = await objected(standing)
        token = (await sign_in_console(standing.house, standing.client))["token"]
        whole = {"verdict": "upheld", "reason": "经核实", **body}
        assert (await decide(standing, token, number, **whole)).status_code == 400
        unknown = await decide(standing, token, number + 1)
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_objection")
