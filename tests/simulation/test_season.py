"""A tiny season on a house of its own, played twice: the same counts, every promise kept."""

import json
import subprocess
import sys
from datetime import date
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest
from rich.progress import Progress

from huiquan.domain.pacing import plan_releases
from huiquan.domain.rulebook_reading import read_rulebook
from huiquan.domain.rulebooks import Rulebook
from huiquan.jobs.tasks import TASKS
from simulation import season, season_day
from simulation.door import Door
from simulation.season_house import CAMPAIGN, CAMPAIGNS
from simulation.season_result import SeasonResult
from simulation.season_rulebook import P_MAX_PERCENT, season_rulebook

PUBLISHED = (CAMPAIGNS / f"{CAMPAIGN}.toml").read_text()


@pytest.fixture(scope="module")
def seasons() -> list[dict[str, Any]]:
    """The same season, played twice by the command that officials have."""
    words = ["simulate", "--people", "60", "--days", "2", "--seed", "1", "--json"]
    played = []
    for _ in range(2):
        told = subprocess.run(
            [sys.executable, "-m", "huiquan", *words], capture_output=True, text=True, check=False
        )
        assert told.returncode == 0, told.stdout + told.stderr
        played.append(json.loads(told.stdout))
    return played


@pytest.mark.slow
@pytest.mark.xdist_group("real-house")
def test_the_same_seed_plays_the_same_season(seasons: list[dict[str, Any]]) -> None:
    first, second = ({**each, "wall_s": 0} for each in seasons)
    assert first == second


@pytest.mark.slow
@pytest.mark.xdist_group("real-house")
@pytest.mark.requirement("R2.4")
@pytest.mark.requirement("R5.1")
@pytest.mark.requirement("R5.8")
def test_after_a_season_every_promise_holds_and_every_day_verifies(
    seasons: list[dict[str, Any]],
) -> None:
    played = seasons[0]
    assert played["failed"] == []
    assert played["checks"] > 30
    assert played["verdicts"] == {"2026-02-02": "ok", "2026-02-03": "ok"}


@pytest.mark.slow
@pytest.mark.xdist_group("real-house")
@pytest.mark.requirement("R2.4")
def test_merchants_are_paid_what_was_redeemed_less_what_came_back(
    seasons: list[dict[str, Any]],
) -> None:
    counts = seasons[0]["counts"]
    assert counts["registered"] > 40
    assert counts["entries"] > 40
    assert counts["wins"] > 0
    assert counts["redemptions"] > 0
    assert counts["paid_fen"] == counts["settled_fen"]
    # What the platform's own book says is not proven is held, and nothing else is.
    due_fen = counts["redeemed_fen"] - counts["refunded_fen"] - counts["held_fen"]
    assert counts["settled_fen"] == due_fen
    assert counts["online_orders"] == counts["orders_final"] + counts["orders_held"]


class AskingMall:
    """A platform with an order of which it asks the house."""

    def __init__(self, line: httpx.AsyncClient) -> None:
        self.line = line

    async def reckon(self) -> list[str]:
        """It asks over its line, which has to be open still."""
        return ["closed"] if self.line.is_closed else []


async def test_the_platform_asks_for_its_orders_before_the_seasons_line_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A small season has no order; one that had, ended at a line that was closed behind it."""
    over, before = date(2026, 2, 2), date(2026, 2, 1)

    async def make_world(house: Any, door: Door, *others: Any) -> SimpleNamespace:
        return SimpleNamespace(draw_days=(over,), last_day=before, mall=AskingMall(door.line))

    monkeypatch.setattr(season, "make_world", make_world)
    house: Any = SimpleNamespace(url="http://127.0.0.1:1", sms_url="http://127.0.0.1:1")
    bars = Progress(disable=True)
    world, wrong = await season._play(house, 1, 1, 1, bars)
    assert wrong == []
    mall: Any = world.mall
    assert mall.line.is_closed


async def test_each_night_of_a_season_compares_the_days_of_those_who_sell_online(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a season with an online order ends with days that nobody compared (I29)."""
    ran: list[str] = []

    def job(name: str) -> Any:
        async def run(app: Any) -> list[Any]:
            ran.append(name)
            return []

        return run

    async def nothing(*of: Any) -> None:
        return None

    monkeypatch.setattr(season_day, "TASKS", {name: job(name) for name in TASKS})
    monkeypatch.setattr(season_day, "send_configs", nothing)
    monkeypatch.setattr(season_day, "reload", nothing)
    world: Any = SimpleNamespace(app=None)
    clock: Any = SimpleNamespace(move=lambda at: None)
    await season_day.night(world, clock, date(2026, 2, 3))
    assert ran == ["end_day", "open_order_cases", "plan_days", "settle_day", "reconcile_days"]


@pytest.mark.parametrize("people", [1, 60, 400, 999, 5_000, 20_000])
def test_the_seasons_rulebook_is_sound_and_differs_only_in_the_crowds_numbers(people: int) -> None:
    published, changed = read_rulebook(PUBLISHED), read_rulebook(season_rulebook(PUBLISHED, people))
    assert isinstance(published, Rulebook)
    assert isinstance(changed, Rulebook)
    assert changed.release.p_max_percent == P_MAX_PERCENT
    assert sum(plan_releases(changed).values()) == changed.budget_fen
    kept = msgspec.to_builtins(changed), msgspec.to_builtins(published)
    for rules in kept:
        for name in ("budget_fen", "lanes", "forecast", "release"):
            del rules[name]
        for named in rules["named_days"]:
            named.pop("entries", None)
    assert kept[0] == kept[1]


@pytest.mark.parametrize(
    ("failed", "verdicts", "is_well"),
    [
        ([], {"2026-02-02": "ok"}, True),
        (["I1 one entry a day"], {"2026-02-02": "ok"}, False),
        ([], {"2026-02-02": "ok", "2026-02-03": "wrong_draw: lane 1"}, False),
        ([], {}, False),
    ],
)
def test_a_season_is_well_only_if_every_check_and_every_verdict_is(
    failed: list[str], verdicts: dict[str, str], is_well: bool
) -> None:
    result = SeasonResult.of(
        tally={}, refused={}, checks=1, failed=failed, verdicts=verdicts, wall_s=1.0
    )
    assert result.is_well is is_well
