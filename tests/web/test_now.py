"""The front page: which phase it shows at which moment, and what it counts."""

from datetime import datetime, timedelta

import pytest

from huiquan.actions.enter_draws import LaneBatch, enter_draws
from huiquan.actions.seal_round import seal_round
from huiquan.db import notices
from huiquan.db.connection import Database
from huiquan.domain.coordinates import Datum
from huiquan.domain.entering import EntryRequest
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import Location, locate
from huiquan.settings import Settings
from huiquan.views.campaigns import day_counts
from huiquan.web.campaign_cache import CampaignCache
from tests.houses import WUHAN, House, make_house, person, publish, register, visit
from tests.tables import rows

MOMENTS = rows("""
    at                  phase    opens_at            closes_at           opens_again_at
    2026-02-01T23:00    before   2026-02-02T10:00    2026-02-03T00:00    2026-02-02T10:00
    2026-02-02T09:59    before   2026-02-02T10:00    2026-02-03T00:00    2026-02-03T10:00
    2026-02-02T10:00    open     2026-02-02T10:00    2026-02-03T00:00    2026-02-03T10:00
    2026-02-06T03:00    closed   2026-02-06T10:00    2026-02-07T00:00    2026-02-07T10:00
    2026-02-06T23:59    open     2026-02-06T10:00    2026-02-07T00:00    2026-02-07T10:00
    2026-02-07T00:00    closed   2026-02-07T10:00    2026-02-08T00:00    2026-02-08T10:00
    2026-03-24T12:00    open     2026-03-24T10:00    2026-03-25T00:00    2026-03-25T10:00
    2026-03-25T23:59    open     2026-03-25T10:00    2026-03-26T00:00    never
    2026-03-26T00:00    ended    2026-03-25T10:00    2026-03-26T00:00    never
    2027-01-01T12:00    ended    2026-03-25T10:00    2026-03-26T00:00    never
""")


@pytest.mark.requirement("R2.3")
async def test_the_page_knows_when_the_draw_is_open_and_when_it_opens_next(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        for case in MOMENTS:
            house.clock.now = datetime.fromisoformat(case["at"] + ":00+08:00")
            told = (await client.get(f"/api/v1/now?campaign={campaign.campaign_id}")).json()
            shown = {"at": told["at"][:16], "phase": told["phase"]}
            hours = ("opens_at", "closes_at", "opens_again_at")
            shown |= {name: (told[name] or "never")[:16] for name in hours}
            assert shown == case
            assert told["opens_at"].endswith("+08:00")


@pytest.mark.requirement("R1.2")
async def test_the_page_shows_three_packs_with_their_tiers(database: Database) -> None:
    house = make_house(database)
    await publish(house)
    async with visit(house) as client:
        told = (await client.get("/api/v1/now")).json()
    shown = [(pack["channel"], pack["category"], len(pack["tiers"])) for pack in told["packs"]]
    assert told["mode"] == "instant"
    assert shown == [("online", "retail", 3), ("offline", "retail", 3), ("offline", "dining", 5)]
    assert all(
        tier["threshold_fen"] >= tier["face_fen"] and tier["face_fen"] <= pack["max_face_fen"]
        for pack in told["packs"]
        for tier in pack["tiers"]
    )
    assert told["demo"] is None


async def test_a_demonstration_tells_where_to_stand_and_where_to_read_codes(
    database: Database,
) -> None:
    settings = Settings(demo=True, sms_url="http://sms.test")
    house = make_house(database, settings=settings)
    await publish(house)
    async with visit(house) as client:
        demo = (await client.get("/api/v1/now")).json()["demo"]
    assert demo["sms_inbox_url"] == "http://sms.test"
    place = locate(house.app.regions, _at(house, demo["lat"], demo["lng"]), house.clock.now)
    assert not isinstance(place, Refusal)
    assert place.city_zh in demo["place_zh"]


async def test_the_page_is_told_what_is_wrong_as_long_as_it_is(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    began = house.clock.now
    at = {"kind": "signer_away", "subject": "notary"}
    async with database.transaction() as tx:
        await notices.begin(tx, campaign.campaign_id, **at, detail={}, at=began)
    async with visit(house) as client:
        assert (await client.get("/api/v1/now")).json()["notices"] == []
    house.clock.now = began + timedelta(minutes=10)
    async with visit(house) as client:
        told = (await client.get("/api/v1/now")).json()["notices"]
        assert told == [at | {"began_at": began.isoformat()}]
    async with database.transaction() as tx:
        await notices.end(tx, campaign.campaign_id, ["signer_away"], [], house.clock.now)
    async with visit(house) as client:
        assert (await client.get("/api/v1/now")).json()["notices"] == []


@pytest.mark.requirement("R2.3")
async def test_the_rules_stand_in_plain_words_in_both_languages(database: Database) -> None:
    house = make_house(database)
    await publish(house)
    async with visit(house) as client:
        told = (await client.get("/api/v1/rules")).json()
    assert told["version"] == "1"
    assert told["refund_policy"] == "money_pro_rata"
    assert len(told["sentences"]) > 8
    assert all(sentence["zh"] and sentence["en"] for sentence in told["sentences"])


async def test_a_house_without_a_campaign_says_so(database: Database) -> None:
    house = make_house(database)
    async with visit(house) as client:
        for path in ("/api/v1/now", "/api/v1/rules", "/api/v1/stores", "/api/v1/now?campaign=1"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_campaign")


async def test_what_is_published_appears_by_itself(database: Database) -> None:
    house = make_house(database)
    cache = CampaignCache(house.app)
    await cache.refresh()
    assert cache.asked(None) is Refusal.UNKNOWN_CAMPAIGN
    campaign = await publish(house)
    await cache.refresh()
    found = cache.by_code(campaign.code)
    assert found is not None
    assert cache.by_id(campaign.campaign_id) is found
    await cache.refresh()
    assert cache.by_code(campaign.code) is found, "nothing was published: nothing is read again"


def _at(house: House, lat: float, lng: float) -> Location:
    return Location(
        lat=lat, lng=lng, accuracy_m=20, datum=Datum.WGS84, mocked=False, taken_at=house.clock.now
    )


async def test_the_counters_count_every_entry_once_sealed_or_not(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        for n in range(12):
            assert (await register(house, client, campaign, person(n))).status_code == 201
    async with house.app.db.reading() as tx:
        people = await tx.fetch("select lane, pid from registrations")
    place = locate(house.app.regions, _at(house, *WUHAN), house.clock.now)
    for turn, one in enumerate(people):
        request = EntryRequest(
            pid=one["pid"],
            pack=3,
            client_nonce=bytes(16),
            request_key=f"request-{turn}",
            place=place,
        )
        batch = LaneBatch(campaign=campaign, lane=one["lane"], requests=[request])
        (answer,) = await enter_draws(house.app, batch)
        assert not isinstance(answer, Refusal), answer
        if turn == 6:
            for lane in range(campaign.lanes):
                await seal_round(house.app, campaign, lane)
        counts = await day_counts(house.app, campaign.campaign_id, 20260206)
        assert (counts.entered, counts.won) == (turn + 1, 0)
    assert (await day_counts(house.app, campaign.campaign_id, 20260207)).entered == 0
