"""The console's figures, as officials of the province and of a city are shown them."""

from typing import Any

import pytest

from huiquan.db.connection import Database
from huiquan.domain.figures import Nine
from huiquan.domain.roles import Role
from huiquan.views.figures import Figures, figures
from tests.houses import bearer, sign_in_console, visit
from tests.seasons import Season, open_season, play
from tests.shops import WUHAN

ASK = "/api/v1/console/figures"


async def shown(
    season: Season, role: Role = Role.SUPERVISOR, city: str | None = None, **asked: Any
) -> Any:
    async with visit(season.house) as client:
        told = await sign_in_console(season.house, client, role, city)
        return await client.get(ASK, params=asked, headers=bearer(told["token"]))


def nine(told: dict[str, Any]) -> Nine:
    return Nine(**{name: told[name] for name in Nine.__dataclass_fields__})


@pytest.mark.requirement("R2.8")
async def test_the_console_shows_what_the_view_counts(database: Database) -> None:
    season = await open_season(database)
    await play(season, 2)
    number = season.campaign.campaign_id
    counted = await figures(season.house.app, number, 20260207)
    assert isinstance(counted, Figures)
    answer = await shown(season, campaign=number, day=20260207)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert set(told) == {
        *("at", "day", "total", "cumulative", "by_city", "by_pack", "by_platform", "trend"),
        *("fund", "entered_count", "redemption_rate_bp", "last_check"),
    }
    assert told["at"].endswith("+08:00")
    assert nine(told["total"]) == counted.total
    assert nine(told["cumulative"]) == counted.cumulative
    assert [nine(one) for one in told["by_city"]] == [one.nine for one in counted.by_city]
    assert [one["pack"] for one in told["by_pack"]] == [1, 2, 3]
    assert told["by_platform"][0]["platform_zh"] == "惠券平台"
    assert len(told["trend"]) == 14
    assert told["fund"]["paid_fen"] == counted.fund.paid_fen
    assert told["last_check"] is None


@pytest.mark.requirement("R5.2")
async def test_a_citys_official_is_shown_the_city_alone(database: Database) -> None:
    season = await open_season(database)
    await play(season, 2)
    number = season.campaign.campaign_id
    counted = await figures(season.house.app, number, 20260207, WUHAN)
    assert isinstance(counted, Figures)
    answer = await shown(season, Role.CITY_SUPERVISOR, WUHAN, campaign=number, day=20260207)
    told = answer.json()
    assert [one["city"] for one in told["by_city"]] == [WUHAN]
    assert nine(told["total"]) == nine(told["by_city"][0]) == counted.total


async def test_what_does_not_exist_is_refused(database: Database) -> None:
    season = await open_season(database, people=2)
    number = season.campaign.campaign_id
    async with visit(season.house) as client:
        told = await sign_in_console(season.house, client)
        for asked, status, code in (
            ({"campaign": 99}, 404, "unknown_campaign"),
            ({"campaign": number, "day": 20260230}, 400, "malformed"),
            ({"campaign": number, "day": 20260000}, 400, "malformed"),
            ({"campaign": number, "day": 1}, 400, "malformed"),
            ({}, 400, "malformed"),
        ):
            answer = await client.get(ASK, params=asked, headers=bearer(told["token"]))
            assert (answer.status_code, answer.json()["code"]) == (status, code)
        answer = await client.get(ASK, params={"campaign": number})
        assert answer.status_code == 401
