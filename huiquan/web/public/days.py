"""Each day of the draw for everyone: counts, chances, win rates, log, downloads.  公开日页"""

from datetime import datetime
from typing import Annotated, Any

from litestar import get
from litestar.datastructures import ResponseHeader, State
from litestar.params import Parameter

from huiquan.domain.campaigns import Campaign
from huiquan.domain.checkpoints import cosigned_at
from huiquan.domain.days import day_from_number, day_number, day_of, starts_at
from huiquan.domain.draw_config import DrawConfig, tables_of
from huiquan.domain.fingerprints import fingerprint_of
from huiquan.domain.signing import Purpose, is_signed
from huiquan.domain.win_rates import (
    By,
    DayTally,
    Standing,
    WinRate,
    chance_of,
    chances_of_tiers,
    per_billion,
    win_rates,
)
from huiquan.views.public_days import DayConfig, DayLine, LogHead
from huiquan.web.answers import accepted
from huiquan.web.callers import Campaigns, House
from huiquan.web.day_pages import DayFacts
from huiquan.web.wire import AskedCampaign, Wire, shanghai

AskedDay = Annotated[int, Parameter(ge=20_000_101, le=99_991_231)]
BRIEFLY = ResponseHeader(name="Cache-Control", value="public, max-age=5")


class DayOverview(Wire):
    """One day in the list: upcoming, running, closing (over, but not closed) or closed."""

    day: int
    state: str
    entered: int
    won: int


class DayList(Wire):
    """The days up to tomorrow, the newest first."""

    campaign: int
    code: str
    name_zh: str
    name_en: str
    days: list[DayOverview]


class TierOfDay(Wire):
    """One tier: its chance per billion, the units of the day, kept, cut, and what is left."""

    tier: int
    face_fen: int
    threshold_fen: int
    chance_ppb: int
    units: int
    won: int
    cut: int
    left: int


class PackOfDay(Wire):
    """One pack: decided entries, kept wins, the chance of any win per billion, its tiers."""

    pack: int
    name_zh: str
    name_en: str
    entered: int
    won: int
    chance_ppb: int
    tiers: list[TierOfDay]


class Party(Wire):
    """Who signed: the key with its fingerprint, and whether the signature holds."""

    party: str
    key: str
    fingerprint: str
    holds: bool


class ConfigOfDay(Wire):
    """The published config: when it was published and acts, the formula, who signed."""

    cfg_hash: str
    published_at: datetime
    active_from: datetime
    formula_text: str
    formula_inputs: dict[str, Any]
    signed_by: list[Party]


class WitnessOfLog(Wire):
    """A witness that the config names; cosigned_at is null if it did not cosign this checkpoint."""

    name: str
    key: str
    fingerprint: str
    cosigned_at: datetime | None


class CheckpointOfLog(Wire):
    """The log's newest checkpoint, and how many witnesses it needs."""

    size: int
    root: str
    published_at: datetime
    quorum: int
    witnesses: list[WitnessOfLog]


class FileOfDay(Wire):
    """One file of the day's folder."""

    path: str
    sha256: str
    bytes: int


class RateOfDay(Wire):
    """One group: wins among entries beside the published chance, both per billion.

    two and four are the counts of wins within two and four standard deviations, both included;
    standing is usual, rare, unlikely, or few when there are too few to judge.
    """

    key: str
    entered: int
    won: int
    rate_ppb: int
    chance_ppb: int
    two: list[int] | None
    four: list[int] | None
    standing: Standing


class RatesOfDay(Wire):
    """All groups of one kind: lane, hour, city (six digits), digit (last of the entry number)."""

    by: By
    rows: list[RateOfDay]


class PublicDay(Wire):
    """A day. Entries that are decided stand in final rounds; the rates count those alone."""

    campaign: int
    code: str
    name_zh: str
    name_en: str
    day: int
    state: str
    at: datetime
    entered: int
    decided: int
    won: int
    cut: int
    left: int
    units: int
    rounds: int
    packs: list[PackOfDay]
    config: ConfigOfDay
    checkpoint: CheckpointOfLog | None
    files: list[FileOfDay]
    rates: list[RatesOfDay]


@get(
    "/api/v1/public/days",
    operation_id="listPublicDays",
    summary="The days of the draw",
    tags=["public"],
    response_headers=[BRIEFLY],
)
async def list_days(
    house: House, state: State, campaigns: Campaigns, campaign: AskedCampaign = None
) -> DayList:
    """Every day up to tomorrow, with how many entered and how many won."""
    asked = accepted(campaigns.asked(campaign))
    rulebook = asked.rulebook_at(house.clock())
    today = day_number(day_of(house.clock()))
    return DayList(
        campaign=asked.campaign_id,
        code=asked.code,
        name_zh=rulebook.name_zh,
        name_en=rulebook.name_en,
        days=[
            DayOverview(
                day=line.day,
                state=_state(line, today),
                entered=counts.entered,
                won=counts.won,
            )
            for line, counts in await state.day_pages.list_days(asked)
        ],
    )


@get(
    "/api/v1/public/days/{day:int}",
    operation_id="getPublicDay",
    summary="One day of the draw",
    tags=["public"],
    response_headers=[BRIEFLY],
)
async def get_day(
    house: House,
    state: State,
    campaigns: Campaigns,
    day: AskedDay,
    campaign: AskedCampaign = None,
) -> PublicDay:
    """All that is public of a day: counts, chances, who signed, win rates, log, downloads."""
    asked = accepted(campaigns.asked(campaign))
    facts: DayFacts = accepted(await state.day_pages.facts(asked, day))
    rulebook = asked.rulebook_at(house.clock())
    packs = _packs(asked, facts)
    tiers = [tier for pack in packs for tier in pack.tiers]
    return PublicDay(
        campaign=asked.campaign_id,
        code=asked.code,
        name_zh=rulebook.name_zh,
        name_en=rulebook.name_en,
        day=day,
        state=_state(facts.line, day_number(day_of(house.clock()))),
        at=shanghai(house.clock()),
        entered=facts.counts.entered,
        decided=sum(pack.entered for pack in packs),
        won=sum(tier.won for tier in tiers),
        cut=sum(tier.cut for tier in tiers),
        left=sum(tier.left for tier in tiers),
        units=sum(tier.units for tier in tiers),
        rounds=facts.tally.rounds,
        packs=packs,
        config=_config(facts.config),
        checkpoint=_checkpoint(facts.head, facts.config.config) if facts.head else None,
        files=[
            FileOfDay(path=one.path, sha256=one.sha256, bytes=one.bytes)
            for one in (facts.files.files if facts.files else ())
        ],
        rates=_rates(facts.tally, facts.config.config, day),
    )


def _state(line: DayLine, today: int) -> str:
    if line.day > today:
        return "upcoming"
    if line.is_closed:
        return "closed"
    return "closing" if line.day < today else "running"


def _packs(campaign: Campaign, facts: DayFacts) -> list[PackOfDay]:
    config, day, tally = facts.config.config, facts.line.day, facts.tally
    tables = tables_of(config.days[day])
    rulebook = campaign.rulebook_at(starts_at(day_from_number(day)))
    named = {pack.number: pack for pack in rulebook.packs}
    shown = []
    for pack in sorted(tables):
        entered, won = tally.of_pack(pack)
        chances = chances_of_tiers(tables, pack)
        shown.append(
            PackOfDay(
                pack=pack,
                name_zh=named[pack].name_zh,
                name_en=named[pack].name_en,
                entered=entered,
                won=won,
                chance_ppb=per_billion(chance_of(tables, pack)),
                tiers=[
                    _tier(config, day, tally, tier, chances.get(tier, 0))
                    for tier, facts_of in sorted(config.tiers.items())
                    if facts_of.pack == pack
                ],
            )
        )
    return shown


def _tier(config: DrawConfig, day: int, tally: DayTally, tier: int, chance: int) -> TierOfDay:
    units = sum(one.units for one in config.days[day].topups if one.tier == tier)
    return TierOfDay(
        tier=tier,
        face_fen=config.tiers[tier].face_fen,
        threshold_fen=config.tiers[tier].threshold_fen,
        chance_ppb=per_billion(chance),
        units=units,
        won=tally.kept[tier],
        cut=tally.cut[tier],
        left=units - tally.kept[tier],
    )


def _config(shown: DayConfig) -> ConfigOfDay:
    config = shown.config
    signed = (
        ("platform", config.keys.platform, Purpose.CONFIG_BY_PLATFORM, shown.signatures.platform),
        ("approver", config.keys.approver, Purpose.CONFIG_BY_APPROVER, shown.signatures.approver),
    )
    return ConfigOfDay(
        cfg_hash=shown.cfg_hash.hex(),
        published_at=shanghai(config.published_at),
        active_from=shanghai(config.active_from),
        formula_text=config.formula.text,
        formula_inputs=config.formula.inputs,
        signed_by=[
            Party(
                party=party,
                key=key,
                fingerprint=fingerprint_of(bytes.fromhex(key)),
                holds=is_signed(bytes.fromhex(key), purpose, shown.cfg_hash, signature),
            )
            for party, key, purpose, signature in signed
        ],
    )


def _checkpoint(head: LogHead, config: DrawConfig) -> CheckpointOfLog:
    witnesses = []
    for one in config.log.witnesses:
        key = bytes.fromhex(one.key)
        seen = cosigned_at(head.note, one.name, key)
        witnesses.append(
            WitnessOfLog(
                name=one.name,
                key=one.key,
                fingerprint=fingerprint_of(key),
                cosigned_at=shanghai(seen) if seen else None,
            )
        )
    return CheckpointOfLog(
        size=head.size,
        root=head.root.hex(),
        published_at=shanghai(head.published_at),
        quorum=config.log.quorum,
        witnesses=witnesses,
    )


def _rates(tally: DayTally, config: DrawConfig, day: int) -> list[RatesOfDay]:
    rates = win_rates(tally, tables_of(config.days[day]))
    return [RatesOfDay(by=by, rows=[_rate(one) for one in rows]) for by, rows in rates.items()]


def _rate(one: WinRate) -> RateOfDay:
    return RateOfDay(
        key=one.key,
        entered=one.entered,
        won=one.won,
        rate_ppb=one.rate_ppb,
        chance_ppb=one.chance_ppb,
        two=list(one.two) if one.two else None,
        four=list(one.four) if one.four else None,
        standing=one.standing,
    )


ROUTES = (list_days, get_day)
