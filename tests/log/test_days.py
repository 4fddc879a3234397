"""Finished days are published by the jobs, once, and served as the verifier reads them."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from huiquan.cli.verify import run_verify
from huiquan.db.connection import Database
from huiquan.domain.days import SHANGHAI
from huiquan.gateways.faults import OutsiderFault
from huiquan.jobs.day_folders import publish_days
from huiquan.settings import Settings
from tests.houses import CAMPAIGN, OPEN, make_house, visit
from tests.log.standing import LOG, enter_some
from tests.stories.test_todays_draw import DrawHouse, draw_house

DAY = 20260206
NEXT_MORNING = datetime(2026, 2, 7, 0, 5, tzinfo=SHANGHAI)


def with_home(standing: DrawHouse, database: Database, home: Path) -> DrawHouse:
    """The same house with a home directory of its own, where days are published."""
    app = standing.house.app
    house = make_house(
        database,
        settings=Settings(rate_limits=False, home=home),
        notary=app.notary,
        auditor=app.auditor,
        witness=app.witness,
    )
    return DrawHouse(
        house=house,
        signers=standing.signers,
        campaign=standing.campaign,
        client=standing.client,
        tokens=standing.tokens,
    )


@pytest.mark.requirement("R5.8")
async def test_a_day_is_published_soon_after_midnight_and_anyone_verifies_the_download(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path / "signers", 12) as before:
        standing = with_home(before, database, tmp_path / "home")
        app = standing.house.app
        await enter_some(before, standing.tokens)
        standing.move_to(OPEN)
        assert await publish_days(app) == [], "a day that is not over is not published"
        standing.move_to(NEXT_MORNING)
        assert await publish_days(app) == [DAY]
        assert await publish_days(app) == [], "a day is published once"
        folder = tmp_path / "home" / "public" / CAMPAIGN / "days"
        assert [path.name for path in folder.iterdir()] == [str(DAY)]
        async with visit(standing.house) as client:
            (listed,) = (await client.get(f"{LOG}/days")).json()
            assert listed["day"] == DAY
            names = [one["path"] for one in listed["files"]] + ["manifest.json"]
            copy = tmp_path / "copy"
            for name in names:
                answer = await client.get(f"{LOG}/days/{DAY}/{name}")
                assert answer.status_code == 200
                assert "immutable" in answer.headers["cache-control"]
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                (copy / name).write_bytes(answer.content)
            for name in (
                f"{DAY}/nothing.json", f"{DAY}/../../keys/platform.key", f"{DAY}/entries/..",
                "20260207/manifest.json", "1/manifest.json",
            ):  # fmt: skip
                assert (await client.get(f"{LOG}/days/{name}")).status_code == 404, name
    assert run_verify(copy).is_right


async def test_a_day_waits_for_a_signer_and_is_then_published_with_the_same_bytes(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path / "signers", 3) as before:
        homes = [with_home(before, database, tmp_path / name) for name in ("one", "two")]
        await enter_some(before, before.tokens)
        for standing in homes:
            standing.move_to(NEXT_MORNING)
        before.signers.kill("auditor")
        with pytest.raises(OutsiderFault):
            await publish_days(homes[0].house.app)
        async with visit(homes[0].house) as client:
            assert (await client.get(f"{LOG}/days")).json() == []
        before.signers.start("auditor")
        written = []
        for standing, name in zip(homes, ("one", "two"), strict=True):
            standing.move_to(NEXT_MORNING + timedelta(hours=1))
            assert await publish_days(standing.house.app) == [DAY]
            root = tmp_path / name / "public"
            written.append(
                {path.relative_to(root): path.read_bytes() for path in root.rglob("*.*")}
            )
        assert written[0] == written[1]
