"""Stores as people look for them: by city, by pack, the nearest first.  门店查询"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huiquan.app import App
from huiquan.db.connection import Row
from huiquan.domain.cities import CITIES

EARTH_RADIUS_M = 6_371_000


@dataclass(frozen=True, kw_only=True)
class StoreSearch:
    """What is looked for. near is a point (lat, lng) in WGS-84; without it names are sorted.

    packs: only stores that take one of these. rail: only stores that take this way of paying.
    """

    campaign_id: int
    city: str | None = None
    packs: tuple[int, ...] | None = None
    near: tuple[float, float] | None = None
    rail: str | None = None
    most: int = 50
    skip: int = 0


@dataclass(frozen=True, kw_only=True)
class StoreLine:
    """One store that takes part now."""

    store_id: str
    name: str
    city_zh: str
    city_en: str
    county_zh: str
    county_en: str
    address: str
    packs: list[int]
    rails: list[str]
    distance_m: int | None


@dataclass(frozen=True, kw_only=True)
class StorePage:
    """One page of stores, and how many there are in all."""

    items: list[StoreLine]
    total: int


# Great-circle distance by the haversine formula: over Hubei a sphere is right to half a percent.
# `least` passes over nulls, so whoever does not say where they are is asked about first.
_DISTANCE = f"""
    case when $4::float8 is not null then {2 * EARTH_RADIUS_M} * asin(least(1, sqrt(
        sin(radians(s.lat - $4) / 2) ^ 2
        + cos(radians($4)) * cos(radians(s.lat)) * sin(radians(s.lng - $5) / 2) ^ 2))) end
"""


# The rails that a store s takes at a moment, given by its parameter.
RAILS = """
    array(select distinct r.rail
            from store_rails r
            join acquirers a using (acquirer_id)
           where r.store_id = s.store_id
             and a.state = 'open'
             and not a.is_sandbox
             and r.open_from <= {at}
             and (r.open_until is null or r.open_until > {at})
           order by r.rail)
"""


async def find_stores(app: App, search: StoreSearch) -> StorePage:
    """One page of the stores that take part now (R1.3, R3.3)."""
    lat, lng = search.near or (None, None)
    async with app.db.reading() as tx:
        rows = await tx.fetch(
            f"""
            with found as (
                select s.store_id, s.name, s.city, s.county, s.address,
                       {_DISTANCE} as distance_m,
                       array_agg(p.pack order by p.pack) as packs
                  from stores s
                  join store_packs p using (store_id)
                 where s.state = 'open'
                   and p.campaign_id = $1
                   and p.open_from <= $6
                   and (p.open_until is null or p.open_until > $6)
                   and ($2::text is null or s.city = $2)
                   and ($9::text is null or $9 = any({RAILS.format(at="$6")}))
                 group by s.store_id
                having $3::int[] is null or bool_or(p.pack = any($3))
            ), counted as (
                select count(*) as total from found
            )
            select page.*, {RAILS.format(at="$6").replace("s.store_id", "page.store_id")} as rails,
                   counted.total
              from counted
              left join lateral (
                  select * from found
                   order by distance_m nulls last, name, store_id
                   limit $7 offset $8) page on true
            """,
            search.campaign_id,
            search.city,
            search.packs and list(search.packs),
            lat,
            lng,
            app.clock(),
            search.most,
            search.skip,
            search.rail,
        )
    items = [_line(app, row) for row in rows if row["store_id"] is not None]
    return StorePage(items=items, total=rows[0]["total"])


async def store_of_cashier(app: App, cashier_id: int, at: datetime) -> StoreLine | None:
    """The store a cashier works for, with the packs it takes now."""
    async with app.db.reading() as tx:
        row = await tx.fetchrow(
            f"""
            select s.store_id, s.name, s.city, s.county, s.address,
                   null as distance_m,
                   {RAILS.format(at="$2")} as rails,
                   array(select distinct p.pack
                           from store_packs p
                          where p.store_id = s.store_id
                            and p.open_from <= $2
                            and (p.open_until is null or p.open_until > $2)
                          order by p.pack) as packs
              from cashiers c
              join stores s using (store_id)
             where c.cashier_id = $1
            """,
            cashier_id,
            at,
        )
    return _line(app, row) if row else None


def _line(app: App, row: Row) -> StoreLine:
    county: Any = next((one for one in app.regions.counties if one.code == row["county"]), None)
    city = CITIES[row["city"]]
    return StoreLine(
        store_id=str(row["store_id"]),
        name=row["name"],
        city_zh=city.zh,
        city_en=city.en,
        county_zh=county.zh if county else city.zh,
        county_en=county.en if county else city.en,
        address=row["address"],
        packs=list(row["packs"]),
        rails=list(row["rails"]),
        distance_m=None if row["distance_m"] is None else round(row["distance_m"]),
    )
