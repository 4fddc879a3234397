"""A web process in its first seconds, and a day in its first: nobody is sent away for good."""

from datetime import timedelta

import msgspec
import pytest

from huiquan.actions.fund_campaign import fund_campaign
from huiquan.actions.publish_campaign import Published, publish_campaign
from huiquan.actions.release_day import release_day
from huiquan.db.campaign_state import load_campaign
from huiquan.db.connection import Database
from huiquan.domain.campaigns import Campaign
from huiquan.domain.days import day_number, day_of
from huiquan.domain.receipts import EntryReceipt
from huiquan.domain.refusals import Refusal
from huiquan.domain.tokens import Claims, Door
from huiquan.web.callers import ConsumerCaller, read_claims
from huiquan.web.campaign_cache import CampaignCache
from huiquan.web.recent_entries import RecentEntries
from huiquan.web.refusal_counts import RefusalCounts
from huiquan.web.rush import Entering, Rush
from huiquan.web.wire import SentLocation
from tests.houses import (
    House,
    location,
    make_house,
    person,
    publish,
    register,
    source_of_2026,
    visit,
)


async def _published_without_release(house: House) -> Campaign:
    """A campaign published yesterday and funded; nothing of today is released yet."""
    now = house.clock.now
    house.clock.now = now - timedelta(days=1)
    published = await publish_campaign(house.app, source_of_2026(), "test")
    assert isinstance(published, Published), published
    await fund_campaign(house.app, published.code, 10_000_000_000, "appropriation 1", "test")
    house.clock.now = now
    async with house.app.db.reading() as tx:
        campaign = await load_campaign(tx, published.code)
    assert campaign is not None
    return campaign


@pytest.mark.requirement("R3.2")
async def test_a_process_that_has_read_nothing_yet_says_ask_again(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    cache = CampaignCache(house.app)
    assert cache.asked(campaign.campaign_id) is Refusal.BUSY
    assert cache.asked(None) is Refusal.BUSY
    await cache.refresh()
    assert cache.asked(campaign.campaign_id) == campaign
    assert cache.asked(campaign.campaign_id + 1) is Refusal.UNKNOWN_CAMPAIGN


@pytest.mark.requirement("R1.3")
async def test_who_taps_in_the_second_in_which_the_money_comes_is_let_in(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await _published_without_release(house)
    today, who = day_number(day_of(house.clock.now)), person(1)
    async with visit(house) as client:
        token = (await register(house, client, campaign, who)).json()["token"]
    caller = read_claims(house.app, f"Bearer {token}", Door.CONSUMER)
    assert isinstance(caller, Claims), caller
    cache = CampaignCache(house.app)
    await cache.refresh()
    assert await release_day(house.app, campaign.code, today) > 0
    entered = await Rush(house.app, cache, RefusalCounts(house.app.clock), RecentEntries()).enter(
        ConsumerCaller(
            campaign_id=caller.campaign_id, lane=caller.lane, pid=caller.who, device=caller.device
        ),
        Entering(
            request_key="one-tap-of-today",
            client_nonce="0" * 32,
            pack=3,
            location=msgspec.convert(location(house), SentLocation),
        ),
    )
    assert isinstance(entered, EntryReceipt), entered
