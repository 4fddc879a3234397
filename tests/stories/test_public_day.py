"""The public page of a day says what anyone counts again in the published folder.  公开日页"""

import hashlib
import json
from collections import Counter
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import pytest

from huiquan.actions.close_day import close_day
from huiquan.cli.verify import run_verify
from huiquan.db.connection import Database
from huiquan.domain.fingerprints import fingerprint_of
from huiquan.jobs.day_folders import publish_days
from tests.houses import CAMPAIGN, OPEN, House, visit
from tests.log.standing import LOG, enter_some
from tests.log.test_days import NEXT_MORNING, with_home
from tests.stories.test_todays_draw import draw_house, enter

DAY = 20260206
PEOPLE = 36
ENTRY_BYTES = 80


async def looked_at(house: House, day: int = DAY) -> dict[str, Any]:
    """The page as a process shows it that was never asked before."""
    async with visit(house) as client:
        answer = await client.get(f"/api/v1/public/days/{day}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "public, max-age=5"
    return dict(answer.json())


async def downloaded(house: House, page: dict[str, Any], folder: Path) -> None:
    """Every file that the page names, with the marks that it names, and the manifest."""
    async with visit(house) as client:
        for one in [*page["files"], {"path": "manifest.json"}]:
            raw = (await client.get(f"{LOG}/days/{DAY}/{one['path']}")).content
            if "sha256" in one:
                assert (len(raw), hashlib.sha256(raw).hexdigest()) == (one["bytes"], one["sha256"])
            at = folder / one["path"]
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(raw)


def counted_again(folder: Path) -> dict[str, dict[str, tuple[int, int]]]:
    """Entries and kept wins by lane, hour and digit, from the files and the page's words alone."""
    lines = [json.loads(line) for line in (folder / "kept.ndjson").read_text().splitlines()]
    kept = {(one["lane"], one["idx"]) for one in lines}
    entered: dict[str, Counter[str]] = {by: Counter() for by in ("lane", "hour", "digit")}
    won: dict[str, Counter[str]] = {by: Counter() for by in ("lane", "hour", "digit")}
    for line in (folder / "rounds.ndjson").read_text().splitlines():
        seal = bytes.fromhex(json.loads(line)["seal"])
        lane, hour = int.from_bytes(seal[35:37], "big"), seal[125]
        first, count = int.from_bytes(seal[77:85], "big"), int.from_bytes(seal[85:89], "big")
        for idx in range(first, first + count):
            for by, key in (("lane", lane), ("hour", hour), ("digit", int(str(idx)[-1]))):
                entered[by][str(key)] += 1
                won[by][str(key)] += (lane, idx) in kept
    return {
        by: {key: (many, won[by][key]) for key, many in counts.items()}
        for by, counts in entered.items()
    }


def shown(page: dict[str, Any]) -> dict[str, dict[str, tuple[int, int]]]:
    """The same as the page shows it."""
    return {
        one["by"]: {row["key"]: (row["entered"], row["won"]) for row in one["rows"]}
        for one in page["rates"]
    }


@pytest.mark.requirement("R1.3")
@pytest.mark.requirement("R2.1")
@pytest.mark.requirement("R5.1")
async def test_the_page_of_a_day_equals_a_count_over_its_published_folder(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path / "signers", PEOPLE) as before:
        standing = with_home(before, database, tmp_path / "home")
        house = standing.house
        await enter_some(before, standing.tokens[:20])
        before.move_to(OPEN + timedelta(hours=1))
        await enter_some(before, standing.tokens[20:])
        standing.move_to(NEXT_MORNING)
        assert await publish_days(house.app) == [DAY]
        await close_day(house.app, CAMPAIGN, DAY)
        page = await looked_at(house)
        assert (page["state"], page["entered"], page["decided"]) == ("closed", PEOPLE, PEOPLE)
        await downloaded(house, page, tmp_path / "copy")
        again, told = counted_again(tmp_path / "copy"), shown(page)
        assert len(again["hour"]) == 2
        assert {by: told[by] for by in again} == again
        async with house.app.db.reading() as tx:
            cities = await tx.fetch(
                """
                select e.city, count(*) as entered, count(v.idx) as won
                  from entries e
                  left join vouchers v on (v.lane, v.idx) = (e.lane, e.idx)
                 group by e.city
                """
            )
        assert told["city"] == {one["city"]: (one["entered"], one["won"]) for one in cities}
        totals = json.loads((tmp_path / "copy" / "manifest.json").read_text())["totals"]
        assert page["won"] == sum(many for _, many in again["lane"].values())
        assert page["won"] > 0
        assert page["rounds"] == totals["rounds"]
        tiers = {tier["tier"]: tier for pack in page["packs"] for tier in pack["tiers"]}
        for name, shown_as in (("kept", "won"), ("cut", "cut")):
            assert [tiers[n][shown_as] for n in sorted(tiers)] == totals[name]
        assert page["left"] == page["units"] - page["won"]
    assert run_verify(tmp_path / "copy").is_right


@pytest.mark.requirement("R5.1")
async def test_the_page_says_who_signed_the_config_and_who_cosigned_the_log(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 3) as standing:
        early = await looked_at(standing.house)
        assert (early["state"], early["entered"], early["rounds"]) == ("running", 0, 0)
        assert early["checkpoint"] is None
        assert early["rates"] == [
            {"by": by, "rows": []} for by in ("lane", "hour", "city", "digit")
        ]
        await enter_some(standing, standing.tokens[:2])
        await enter(standing.house, standing.client, standing.tokens[2])
        page = await looked_at(standing.house)
        campaign = standing.campaign
        async with visit(standing.house) as client:
            note = (await client.get(f"{LOG}/checkpoint")).text.splitlines()
            known = await client.get(f"/api/v1/public/configs/{page['config']['cfg_hash']}")
    assert (page["entered"], page["decided"]) == (3, 2), "one still waits for its round"
    assert known.status_code == 200
    config = json.loads(known.content)
    assert page["config"]["formula_text"] == config["formula"]["text"]
    assert page["config"]["formula_inputs"] == config["formula"]["inputs"]
    assert [one["party"] for one in page["config"]["signed_by"]] == ["platform", "approver"]
    for one in page["config"]["signed_by"]:
        assert one["holds"]
        assert one["key"] == config["keys"][one["party"]]
        assert one["fingerprint"] == fingerprint_of(bytes.fromhex(one["key"]))
    assert campaign.days[DAY].cfg_hash.hex() == page["config"]["cfg_hash"]
    assert str(page["checkpoint"]["size"]) == note[1]
    names = {one["name"]: one["cosigned_at"] for one in page["checkpoint"]["witnesses"]}
    assert set(names) == {"notary.huiquan", "auditor.huiquan", "witness.huiquan"}
    assert sum(at is not None for at in names.values()) >= page["checkpoint"]["quorum"] == 2
    for name, at in names.items():
        assert any(f" {name} " in line for line in note) == (at is not None)
    for pack in page["packs"]:
        last = int(config["days"][str(DAY)]["tables"][str(pack["pack"])][-1][0])
        assert pack["chance_ppb"] == round(Fraction(last * 10**9, 2**64))


async def test_the_list_of_days_ends_tomorrow_and_a_day_without_a_draw_is_refused(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 2) as standing:
        await enter_some(standing, standing.tokens)
        async with visit(standing.house) as client:
            listed = (await client.get("/api/v1/public/days")).json()
            absent = await client.get("/api/v1/public/days/20250101")
            strange = await client.get("/api/v1/public/days?campaign=999")
        standing.move_to(NEXT_MORNING)
        async with visit(standing.house) as client:
            later = (await client.get("/api/v1/public/days")).json()
    days = {one["day"]: one for one in listed["days"]}
    assert list(days) == sorted(days, reverse=True)
    assert max(days) <= 20260207
    assert (days[DAY]["state"], days[DAY]["entered"]) == ("running", 2)
    over = next(one for one in later["days"] if one["day"] == DAY)
    assert over["state"] == "closing", "nobody closed it, but it does not run any more"
    assert (absent.status_code, absent.json()["code"]) == (404, "not_found")
    assert strange.json()["code"] == "unknown_campaign"


async def test_who_looks_again_at_a_running_day_sees_the_rounds_that_followed(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huiquan.web.day_pages.FRESH_S", 0.0)
    async with draw_house(database, tmp_path, 6) as standing, visit(standing.house) as client:
        seen = []
        for tokens in (standing.tokens[:4], standing.tokens[4:], []):
            await enter_some(standing, tokens)
            seen.append(await _decided(client))
    assert seen == [4, 6, 6]


async def _decided(client: httpx.AsyncClient) -> int:
    return int((await client.get(f"/api/v1/public/days/{DAY}")).json()["decided"])
