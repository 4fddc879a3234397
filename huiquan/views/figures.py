"""The daily figures: counted from the ledger, over one moment of the database.  日报

Each figure is a question to booked transfers, joined to the voucher, redemption or refund that
each is about; nothing is counted from states that may change later. Of a day it is counted when
asked; what came before it is kept day by day (`db/figure_steps.py`). What the nine mean stands in
`domain/figures.py`. A voucher counts in the city of its holder's registration; a redemption and
its refunds count in the city of the store.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from huiquan.app import App
from huiquan.db import campaign_state, check_runs, figure_steps, ledger
from huiquan.db.check_runs import CheckRunRow
from huiquan.db.connection import Row, Tx
from huiquan.db.figure_steps import FigureStep, FirstSale
from huiquan.db.ledger import Fund
from huiquan.db.vouchers import was_given
from huiquan.domain.cities import CITIES
from huiquan.domain.days import day_from_number, day_number, day_of, days_between
from huiquan.domain.figures import Nine, redemption_rate_bp
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_versions import version_in_force
from huiquan.domain.rulebooks import Rulebook

TREND_DAYS = 14
FIRST_DAY = 0

# One row for each event. The parts of a name such as F001-0003-000000042-01-02-K are lane, entry,
# lock and refund; a late refund stands in the house's book, so only its name says whose it is, and
# what came back is gathered before it is looked up: its lane may be on another machine.
_FACTS = f"""
    returned as materialized (
        select t.day, t.amount_fen, t.campaign_id, split_part(t.ref, '-', 2)::smallint as lane,
               split_part(t.ref, '-', 3)::bigint as idx,
               split_part(t.ref, '-', 4)::smallint as lock_no
          from transfers t
         where t.campaign_id = $1
           and t.day between $2 and $3
           and t.kind in ('refund', 'reinstate', 'refund_late')
    ), facts as (
        select 'issued' as what, t.day, v.city, v.pack, v.pid, null::bigint as merchant_id,
               t.amount_fen, null::bigint as order_fen
          from transfers t
          join vouchers v
            on (v.lane, v.campaign_id, v.idx) = (t.lane, t.campaign_id, t.idx)
         where t.campaign_id = $1
           and t.day between $2 and $3
           and t.kind = 'reserve'
           and {was_given("v")}
         union all
        select 'redeemed', t.day, r.city, r.pack, v.pid, r.merchant_id, t.amount_fen, r.order_fen
          from transfers t
          join redemptions r
            on (r.lane, r.campaign_id, r.idx) = (t.lane, t.campaign_id, t.idx)
           and r.lock_no = split_part(t.ref, '-', 4)::smallint
          join vouchers v
            on (v.lane, v.campaign_id, v.idx) = (r.lane, r.campaign_id, r.idx)
         where t.campaign_id = $1
           and t.day between $2 and $3
           and t.kind = 'redeem'
         union all
        select 'refunded', t.day, r.city, r.pack, null, null, t.amount_fen, null
          from returned t
          join redemptions r
            on (r.lane, r.campaign_id, r.idx, r.lock_no)
               = (t.lane, t.campaign_id, t.idx, t.lock_no)
    )
"""


@dataclass(frozen=True, kw_only=True)
class Part:
    """The nine figures of one city, pack or platform, with its name."""

    code: str
    zh: str
    en: str
    nine: Nine
    entered_count: int = 0


@dataclass(frozen=True, kw_only=True)
class TrendDay:
    """One day of the curve, in fen: what was issued, what was redeemed, what was planned."""

    day: int
    issued_fen: int
    redeemed_fen: int
    planned_fen: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """All that is shown of a day. cumulative runs from the first day to this one, both included.

    redemption_rate_bp is that of the stretch so far. With `city` everything but the fund is of
    that city alone, and nothing is planned for it: a day's money is planned for the province.
    """

    at: datetime
    day: int
    city: str | None
    total: Nine
    cumulative: Nine
    by_city: tuple[Part, ...]
    by_pack: tuple[Part, ...]
    by_platform: tuple[Part, ...]
    trend: tuple[TrendDay, ...]
    fund: Fund
    entered_count: int
    redemption_rate_bp: int
    last_check: CheckRunRow | None


@dataclass(frozen=True, kw_only=True)
class _Stretch:
    """Days first to last, of a campaign or of one city in it."""

    campaign_id: int
    first: int
    last: int
    city: str | None

    @property
    def arguments(self) -> tuple[int, int, int, str | None]:
        """In the order of the queries."""
        return self.campaign_id, self.first, self.last, self.city


@dataclass(frozen=True, kw_only=True)
class _Counted:
    """The nine over a stretch: all of it, by city code, by pack number."""

    total: Nine
    by_city: Mapping[str, Nine]
    by_pack: Mapping[int, Nine]


async def figures(
    app: App, campaign_id: int, day: int | None = None, city: str | None = None
) -> Figures | Refusal:
    """Count the figures of a day (today if none is named), all from one snapshot (R2.8, R5.8).

    day is YYYYMMDD; with a city code, that city alone. Refuses UNKNOWN_CAMPAIGN.
    """
    now = app.clock()
    number = day or day_number(day_of(now))
    async with app.db.reading() as tx:
        versions = await campaign_state.load_versions(tx, campaign_id)
        if not versions:
            return Refusal.UNKNOWN_CAMPAIGN
        rulebook = version_in_force(versions, now).rulebook
        ask = _Stretch(campaign_id=campaign_id, first=number, last=number, city=city)
        counted = await _count(tx, ask)
        so_far = await _so_far(tx, ask)
        cumulative = so_far.cumulative
        entered = await _entered(tx, ask)
        entered_count = sum(entered.values())
        return Figures(
            at=now,
            day=number,
            city=city,
            total=counted.total,
            cumulative=cumulative,
            by_city=_cities(counted, entered, city),
            by_pack=_packs(counted, rulebook),
            by_platform=(_platform(counted, rulebook, entered_count),),
            trend=await _trend(tx, ask, so_far.steps),
            fund=await ledger.fund(tx, campaign_id),
            entered_count=entered_count,
            redemption_rate_bp=redemption_rate_bp(cumulative),
            last_check=await check_runs.last(tx),
        )


async def _count(tx: Tx, ask: _Stretch) -> _Counted:
    """One question gives the nine for the whole, for each city and for each pack."""
    rows = await tx.fetch(
        f"""
        with {_FACTS}
        select grouping(city) = 0 as is_city,
               grouping(pack) = 0 as is_pack,
               city,
               pack,
               count(*) filter (where what = 'issued') as issued_count,
               coalesce(sum(amount_fen) filter (where what = 'issued'), 0)::bigint as issued_fen,
               count(distinct pid) filter (where what = 'issued') as holder_count,
               count(distinct pid) filter (where what = 'redeemed') as redeemer_count,
               count(*) filter (where what = 'redeemed') as redeemed_count,
               coalesce(sum(amount_fen) filter (where what = 'redeemed'), 0)::bigint
                   as redeemed_fen,
               coalesce(sum(order_fen), 0)::bigint as order_fen,
               coalesce(sum(amount_fen) filter (where what = 'refunded'), 0)::bigint
                   as refunded_fen,
               count(distinct merchant_id) as redeeming_merchant_count
          from facts
         where $4::text is null
            or city = $4
         group by grouping sets ((), (city), (pack))
        """,
        *ask.arguments,
    )
    total = next(_nine(row) for row in rows if not row["is_city"] and not row["is_pack"])
    return _Counted(
        total=total,
        by_city={row["city"]: _nine(row) for row in rows if row["is_city"]},
        by_pack={row["pack"]: _nine(row) for row in rows if row["is_pack"]},
    )


def _nine(row: Row) -> Nine:
    return Nine(**{name: row[name] for name in Nine.__dataclass_fields__})


async def _entered(tx: Tx, ask: _Stretch) -> dict[str, int]:
    """How many entered on a day, by the city of their registration.

    A lane's entries of one day stand together: within the day's rounds, or not sealed yet.
    """
    rows = await tx.fetch(
        """
        with spans as (
            select l.lane, r.first_idx, r.next_idx
              from lanes l
             cross join lateral (
                   select min(first_idx) as first_idx, max(first_idx + entry_count) as next_idx
                     from rounds
                    where lane = l.lane
                      and campaign_id = l.campaign_id
                      and day = $2) r
             where l.campaign_id = $1
             union all
            select lane, sealed_idx, next_idx
              from lanes
             where campaign_id = $1
        )
        select e.city, count(*) as entered
          from spans s
          join entries e
            on e.lane = s.lane
           and e.campaign_id = $1
           and e.idx >= s.first_idx
           and e.idx < s.next_idx
         where e.day = $2
           and ($3::text is null or e.city = $3)
         group by e.city
        """,
        ask.campaign_id,
        ask.last,
        ask.city,
    )
    return {row["city"]: row["entered"] for row in rows}


@dataclass(frozen=True, kw_only=True)
class _SoFar:
    """What the first days to the last came to, and the steps it is the sum of."""

    cumulative: Nine
    steps: list[FigureStep]


async def _so_far(tx: Tx, ask: _Stretch) -> _SoFar:
    """All days until the last of a stretch, that one included: what is kept and what came since."""
    newer = await figure_steps.newer(tx, ask.campaign_id)
    kept = await figure_steps.kept(tx, ask.campaign_id, FIRST_DAY, ask.last, ask.city)
    steps = kept + [one for one in newer.steps if _is_in(one, ask)]
    sellers = await figure_steps.sellers(tx, ask.campaign_id, ask.last, ask.city)
    sellers |= {one.merchant_id for one in newer.sales if _is_in(one, ask)}
    here = "city_" if ask.city else ""
    cumulative = Nine(
        issued_count=_sum(steps, "issued_count"),
        issued_fen=_sum(steps, "issued_fen"),
        holder_count=_sum(steps, f"{here}holder_count"),
        redeemer_count=_sum(steps, f"{here}redeemer_count"),
        redeemed_count=_sum(steps, "redeemed_count"),
        redeemed_fen=_sum(steps, "redeemed_fen"),
        order_fen=_sum(steps, "order_fen"),
        refunded_fen=_sum(steps, "refunded_fen"),
        redeeming_merchant_count=len(sellers),
    )
    return _SoFar(cumulative=cumulative, steps=steps)


def _is_in(one: FigureStep | FirstSale, ask: _Stretch) -> bool:
    return one.on_day <= ask.last and ask.city in (None, one.city)


def _sum(steps: list[FigureStep], name: str) -> int:
    return sum(getattr(one, name) for one in steps)


async def _trend(tx: Tx, ask: _Stretch, steps: list[FigureStep]) -> tuple[TrendDay, ...]:
    """The two weeks that end on a day; a day without events stands there with zeros."""
    last = day_from_number(ask.last)
    days = [day_number(one) for one in days_between(last - timedelta(TREND_DAYS - 1), last)]
    issued_fen: Counter[int] = Counter()
    redeemed_fen: Counter[int] = Counter()
    for one in steps:
        issued_fen[one.on_day] += one.issued_fen
        redeemed_fen[one.on_day] += one.redeemed_fen
    planned = await tx.fetch(
        """
        select day, release_fen
          from config_days
         where campaign_id = $1
           and day between $2 and $3
           and $4::text is null
        """,
        *(ask.campaign_id, days[0], ask.last, ask.city),
    )
    planned_fen = {row["day"]: row["release_fen"] for row in planned}
    return tuple(
        TrendDay(
            day=day,
            issued_fen=issued_fen[day],
            redeemed_fen=redeemed_fen[day],
            planned_fen=planned_fen.get(day, 0),
        )
        for day in days
    )


def _cities(counted: _Counted, entered: Mapping[str, int], city: str | None) -> tuple[Part, ...]:
    """All 17 cities in the order of their codes, or the one that is asked for."""
    return tuple(
        Part(
            code=one.code,
            zh=one.zh,
            en=one.en,
            nine=counted.by_city.get(one.code, Nine()),
            entered_count=entered.get(one.code, 0),
        )
        for one in CITIES.values()
        if city in (None, one.code)
    )


def _packs(counted: _Counted, rulebook: Rulebook) -> tuple[Part, ...]:
    return tuple(
        Part(
            code=str(pack.number),
            zh=pack.name_zh,
            en=pack.name_en,
            nine=counted.by_pack.get(pack.number, Nine()),
        )
        for pack in rulebook.packs
    )


def _platform(counted: _Counted, rulebook: Rulebook, entered_count: int) -> Part:
    """A campaign in this house runs on one platform, so its row is the whole."""
    platform = rulebook.platform
    return Part(
        code=platform.code,
        zh=platform.name_zh,
        en=platform.name_en,
        nine=counted.total,
        entered_count=entered_count,
    )
