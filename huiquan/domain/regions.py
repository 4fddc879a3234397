"""Regions: in which city and county of Hubei a phone is.  定位与市州判定

The borders come from outside as bytes and become one immutable `Regions` value that is handed in.
Enclaves are real (Hubei has pieces in its neighbours and they in Hubei): nothing is smoothed.
What leaves this room is the decision and its evidence, with a cell of about one kilometre;
the exact point is forgotten.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

import msgspec
import shapely
from shapely.geometry.base import BaseGeometry

from huiquan.domain.cities import CITIES
from huiquan.domain.coordinates import Datum, gcj02_to_wgs84
from huiquan.domain.refusals import Refusal


@dataclass(frozen=True, kw_only=True)
class Location:
    """Where a phone says it is, as it came in. taken_at is the time of the fix."""

    lat: float
    lng: float
    accuracy_m: float
    datum: Datum
    mocked: bool
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class LocationRules:
    """How good a location must be. The accuracy limit is the campaign's; clocks differ a little."""

    max_accuracy_m: int = 1000
    max_age: timedelta = timedelta(minutes=5)
    max_ahead: timedelta = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a phone was judged to be, and on what evidence; what may be stored of a location.

    `cell` names a square of a hundredth of a degree, about 1.1 km by 0.95 km, by its south-west
    corner in WGS-84. `near_border` is true if the true position may lie in another city.
    """

    city: str
    city_zh: str
    city_en: str
    county: str
    county_zh: str
    cell: str
    near_border: bool
    accuracy_m: int
    datum: Datum
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class County:
    """One county-level area with its city; each of the four directly-run units is its own."""

    code: str
    zh: str
    city: str


@dataclass(frozen=True, kw_only=True)
class Regions:
    """The map of Hubei, ready to be asked: areas of counties, outlines of cities."""

    counties: tuple[County, ...] = field(repr=False)
    county_tree: shapely.STRtree = field(repr=False)
    city_outlines: Mapping[str, BaseGeometry] = field(repr=False)


DEFAULT_RULES = LocationRules()

# As far as a point can be off when a map's datum is taken for a receiver's, in metres.
_DATUM_DOUBT_M = 350

# Outlines are kept in a plane where one unit is one degree of latitude both ways. At 31° north
# this is off by two parts in a hundred over Hubei, enough for "is it near".
_METRES_PER_UNIT = 111_320
_LNG_SCALE = math.cos(math.radians(31))


class _Area(msgspec.Struct):
    adcode: str
    name: str
    city_adcode: str


class _Feature(msgspec.Struct):
    properties: _Area
    geometry: msgspec.Raw


class _Areas(msgspec.Struct):
    features: list[_Feature]


def read_regions(city_borders: bytes, county_borders: bytes) -> Regions:
    """Build the map from two GeoJSON files in WGS-84: the 17 cities, and their counties.

    Refuses (ValueError) borders whose cities are not the 17 of the table.
    """
    cities = msgspec.json.decode(city_borders, type=_Areas).features
    counties = msgspec.json.decode(county_borders, type=_Areas).features
    for areas in (cities, counties):
        if {area.properties.city_adcode for area in areas} != set(CITIES):
            raise ValueError("the borders do not belong to the 17 cities of Hubei")
    shapes = shapely.from_geojson([bytes(area.geometry) for area in counties])
    shapely.prepare(shapes)
    return Regions(
        counties=tuple(
            County(
                code=area.properties.adcode,
                zh=area.properties.name,
                city=area.properties.city_adcode,
            )
            for area in counties
        ),
        county_tree=shapely.STRtree(shapes),
        city_outlines=MappingProxyType(
            {
                area.properties.adcode: _outline(shapely.from_geojson(bytes(area.geometry)))
                for area in cities
            }
        ),
    )


def _outline(shape: BaseGeometry) -> BaseGeometry:
    """The border line of an area in the plane of near distances, prepared for many questions."""
    outline = shapely.transform(shape.boundary, lambda points: points * (_LNG_SCALE, 1))
    shapely.prepare(outline)
    return outline


def locate(
    regions: Regions,
    location: Location | None,
    now: datetime,
    rules: LocationRules = DEFAULT_RULES,
) -> Place | Refusal:
    """Say in which city and county a phone is, or why that cannot be said.  市州判定 (R1.1, R3.3)

    Refuses, in this order: LOCATION_MISSING (none, not a number, not on the globe),
    LOCATION_MOCKED, LOCATION_INACCURATE, LOCATION_STALE (older than the limit, or from the
    future), OUTSIDE_AREA. The reported point decides, not the circle around it.
    """
    if location is None or not _is_on_globe(location):
        return Refusal.LOCATION_MISSING
    if location.mocked:
        return Refusal.LOCATION_MOCKED
    if not 0 <= location.accuracy_m <= rules.max_accuracy_m:
        return Refusal.LOCATION_INACCURATE
    if not -rules.max_ahead <= now - location.taken_at <= rules.max_age:
        return Refusal.LOCATION_STALE
    lat, lng = location.lat, location.lng
    if location.datum is Datum.GCJ02:
        lat, lng = gcj02_to_wgs84(lat, lng)
    county = county_at(regions, lat, lng)
    if county is None:
        return Refusal.OUTSIDE_AREA
    city = CITIES[county.city]
    return Place(
        city=city.code,
        city_zh=city.zh,
        city_en=city.en,
        county=county.code,
        county_zh=county.zh,
        cell=coarse_cell(lat, lng),
        near_border=is_near_border(regions, city.code, lat, lng, location.accuracy_m),
        accuracy_m=math.ceil(location.accuracy_m),
        datum=location.datum,
        taken_at=location.taken_at,
    )


def _is_on_globe(location: Location) -> bool:
    """False for NaN too: no comparison with it is true."""
    return -90 <= location.lat <= 90 and -180 <= location.lng <= 180


def county_at(regions: Regions, lat: float, lng: float) -> County | None:
    """The county at a WGS-84 point, or None outside Hubei.

    A point exactly on a common border belongs to the county with the lower code, so that the
    same point always has the same answer.
    """
    found = regions.county_tree.query(shapely.Point(lng, lat), predicate="covered_by")
    if not len(found):
        return None
    return min((regions.counties[int(index)] for index in found), key=lambda each: each.code)


def is_near_border(regions: Regions, city: str, lat: float, lng: float, accuracy_m: float) -> bool:
    """True if the city's border is closer than the accuracy, or than a mistaken datum can shift."""
    within = max(accuracy_m, _DATUM_DOUBT_M) / _METRES_PER_UNIT
    point = shapely.Point(lng * _LNG_SCALE, lat)
    return bool(shapely.dwithin(regions.city_outlines[city], point, within))


def coarse_cell(lat: float, lng: float) -> str:
    """The square of a hundredth of a degree that holds a point, such as 30.59N114.30E."""
    south, west = math.floor(lat * 100), math.floor(lng * 100)
    return f"{south // 100}.{south % 100:02}N{west // 100}.{west % 100:02}E"
