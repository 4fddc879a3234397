"""What the front page needs: where the campaign stands at this moment.  活动现况"""

from datetime import datetime

from litestar import get

from huiquan.app import App
from huiquan.domain.coordinates import Datum
from huiquan.domain.days import day_number
from huiquan.domain.notices import personal_information_notice
from huiquan.domain.rulebook_days import day_to_show, phase_at
from huiquan.views.campaigns import hours_shown, opens_again
from huiquan.web.answers import NO_STORE, accepted
from huiquan.web.callers import Campaigns, House
from huiquan.web.wire import AskedCampaign, ShownPack, Wire, shanghai, shown_packs


class Demo(Wire):
    """Only in demonstrations: a place to stand, and an inbox to read codes in."""

    lat: float
    lng: float
    accuracy_m: float
    datum: Datum
    place_zh: str
    place_en: str
    sms_inbox_url: str


class StandingNotice(Wire):
    """What is wrong with the draw and still is; all of it stands in the log's notices."""

    kind: str
    subject: str
    began_at: datetime


class Now(Wire):
    """Phase, opening hours, packs, counters, and what is wrong."""

    at: datetime
    day: int
    campaign: int
    name_zh: str
    name_en: str
    organiser_zh: str
    organiser_en: str
    platform_zh: str
    platform_en: str
    mode: str
    phase: str
    opens_at: datetime
    closes_at: datetime
    opens_again_at: datetime | None
    packs: list[ShownPack]
    entered_today: int
    won_today: int
    wins_limit: int
    valid_days: int
    min_age: int
    consent_version: str
    notice_zh: str
    notice_en: str
    notices: list[StandingNotice]
    demo: Demo | None


@get(
    "/api/v1/now",
    operation_id="getNow",
    summary="What the front page needs",
    tags=["consumer"],
    response_headers=[NO_STORE],
)
async def get_now(house: House, campaigns: Campaigns, campaign: AskedCampaign = None) -> Now:
    """Answer for one campaign, or for the house's own."""
    asked = accepted(campaigns.asked(campaign))
    now = house.clock()
    rulebook = asked.rulebook_at(now)
    hours = hours_shown(rulebook, now)
    again = opens_again(rulebook, now)
    day = day_number(day_to_show(rulebook, now))
    counts = await campaigns.counts(asked.campaign_id, day)
    notices = await campaigns.standing_notices(asked.campaign_id)
    notice_zh, notice_en = personal_information_notice(rulebook)
    return Now(
        at=shanghai(now),
        day=day,
        campaign=asked.campaign_id,
        name_zh=rulebook.name_zh,
        name_en=rulebook.name_en,
        organiser_zh=rulebook.organiser_zh,
        organiser_en=rulebook.organiser_en,
        platform_zh=rulebook.platform.name_zh,
        platform_en=rulebook.platform.name_en,
        mode=rulebook.mode.value,
        phase=phase_at(rulebook, now).value,
        opens_at=shanghai(hours.first),
        closes_at=shanghai(hours.until),
        opens_again_at=None if again is None else shanghai(again),
        packs=shown_packs(rulebook),
        entered_today=counts.entered,
        won_today=counts.won,
        wins_limit=rulebook.limits.wins_per_campaign,
        valid_days=rulebook.valid_days,
        min_age=rulebook.min_age,
        consent_version=rulebook.consent_version,
        notice_zh=notice_zh,
        notice_en=notice_en,
        notices=[
            StandingNotice(kind=one.kind, subject=one.subject, began_at=shanghai(one.began_at))
            for one in notices
        ],
        demo=_demo(house) if house.settings.demo else None,
    )


def _demo(house: App) -> Demo:
    """Jianghan Road in Wuhan, where the demonstration's crowd shops."""
    return Demo(
        lat=30.5806,
        lng=114.2867,
        accuracy_m=20,
        datum=Datum.WGS84,
        place_zh="武汉市江汉路",
        place_en="Jianghan Road, Wuhan",
        sms_inbox_url=house.settings.sms_url,
    )


ROUTES = (get_now,)
