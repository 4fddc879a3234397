"""The rules in plain form, made from the numbers the house runs on.  活动规则"""

from datetime import date

from litestar import get

from huiquan.domain.rulebook_sentences import sentences
from huiquan.web.answers import accepted
from huiquan.web.callers import Campaigns, House
from huiquan.web.wire import AskedCampaign, ShownPack, Wire, shown_packs


class ShownSentence(Wire):
    """One rule in plain words."""

    zh: str
    en: str


class Rules(Wire):
    """The rulebook that is in force."""

    campaign: int
    version: str
    name_zh: str
    name_en: str
    starts_on: date
    ends_on: date
    opens_at_local: str
    closes_at_local: str
    packs: list[ShownPack]
    valid_days: int
    wins_limit: int
    min_age: int
    refund_policy: str
    sentences: list[ShownSentence]


@get(
    "/api/v1/rules",
    operation_id="getRules",
    summary="The rulebook in plain form",
    tags=["consumer"],
)
async def get_rules(house: House, campaigns: Campaigns, campaign: AskedCampaign = None) -> Rules:
    """The rules of one campaign, or of the house's own (R2.3, R5.3)."""
    asked = accepted(campaigns.asked(campaign))
    version = asked.version_at(house.clock())
    rulebook = version.rulebook
    return Rules(
        campaign=asked.campaign_id,
        version=str(version.version),
        name_zh=rulebook.name_zh,
        name_en=rulebook.name_en,
        starts_on=rulebook.starts_on,
        ends_on=rulebook.ends_on,
        opens_at_local=rulebook.opens_at,
        closes_at_local=rulebook.closes_at,
        packs=shown_packs(rulebook),
        valid_days=rulebook.valid_days,
        wins_limit=rulebook.limits.wins_per_campaign,
        min_age=rulebook.min_age,
        refund_policy=rulebook.refund_policy.value,
        sentences=[ShownSentence(zh=zh, en=en) for zh, en in sentences(rulebook)],
    )


ROUTES = (get_rules,)
