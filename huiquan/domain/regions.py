"""Regions: in which city and county of Hubei a phone is.  定位与市州判定

The borders come from outside as bytes and become one immutable `Regions` value that is handed in.
Enclaves are real (Hubei has pieces in its neighbours and they in Hubei): nothing is smoothed.
What leaves this room is the decision and its evidence, with a cell of about one kilometre;
the exact point is forgotten.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
import shapely
from shapely.geometry.base import BaseGeometry

from huiquan.domain.cities import CITIES
from huiquan.domain.coordinates import Datum, gcj02_to_wgs84
from huiquan.domain.counties import COUNTIES
from huiquan.domain.refusals import Refusal


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """Where a phone says it is, as it came in. taken_at is the time of the fix.

    A Struct like `Place`, and not a dataclass: the rush makes millions of them.
    """

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


class Place(msgspec.Struct, frozen=True, kw_only=True):
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
    en: str
    city: str


@dataclass(frozen=True, kw_only=True)
class Squares:
    """What is known of each square of a 250th of a degree without looking at borders.

    One byte a square, row by row from the south-west: the number of the county that holds all of
    it, counted from 1; or `_ABROAD`; or `_ASK`, where a county's border is in it or next to it, or
    a city's border within two squares.
    """

    south: int
    west: int
    rows: int
    columns: int
    known: bytes = field(repr=False)

    def at(self, lat: float, lng: float) -> int:
        """What is known of the square that holds a WGS-84 point."""
        row = math.floor(lat * _SQUARES_PER_DEGREE) - self.south
        column = math.floor(lng * _SQUARES_PER_DEGREE) - self.west
        if 0 <= row < self.rows and 0 <= column < self.columns:
            return self.known[row * self.columns + column]
        return _ABROAD


class FineSquare(NamedTuple):
    """What the borders themselves said of a square of a thousandth of a degree.

    county: as in `Squares`. No border of that county's city is nearer than so many plane units.
    """

    county: int
    free_of_city_borders: float


_ASK, _ABROAD = 0, 255
_FINE_PER_DEGREE = 1000
_FINE_MAX = 100_000
# Wider than any rounding of a coordinate, narrower than anything on a map: 0.1 mm.
_HAIR = 1e-9
_SQUARES_PER_DEGREE = 250


def _square(degrees: float) -> int:
    return math.floor(degrees * _SQUARES_PER_DEGREE)


@dataclass(frozen=True, kw_only=True)
class Regions:
    """The map of Hubei, ready to be asked: areas of counties, outlines of cities, squares.

    `fine` remembers squares that were asked about before; it changes how long an answer takes,
    and no answer.
    """

    counties: tuple[County, ...] = field(repr=False)
    county_tree: shapely.STRtree = field(repr=False)
    city_outlines: Mapping[str, BaseGeometry] = field(repr=False)
    squares: Squares
    fine: dict[tuple[int, int], FineSquare] = field(default_factory=dict, repr=False)


DEFAULT_RULES = LocationRules()

# As far as a point can be off when a map's datum is taken for a receiver's, in metres.
_DATUM_DOUBT_M = 350

# A city's border leaves so many squares around it unknown; in the north of Hubei a square is
# 372 metres wide, so no such border is nearer to a known square than the metres below.
_REACH = 2
_FREE_OF_CITY_BORDERS_M = 700

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

    Refuses (ValueError) borders whose cities are not the 17 of the table, or whose counties are not
    those of theirs.
    """
    cities = msgspec.json.decode(city_borders, type=_Areas).features
    counties = msgspec.json.decode(county_borders, type=_Areas).features
    for areas in (cities, counties):
        if {area.properties.city_adcode for area in areas} != set(CITIES):
            raise ValueError("the borders do not belong to the 17 cities of Hubei")
    drawn = {area.properties.adcode: area.properties.name for area in counties}
    if drawn != {one.code: one.zh for one in COUNTIES.values()}:
        raise ValueError("the borders do not belong to the counties of Hubei")
    county_shapes = shapely.from_geojson([bytes(area.geometry) for area in counties])
    city_shapes = shapely.from_geojson([bytes(area.geometry) for area in cities])
    shapely.prepare(county_shapes)
    tree = shapely.STRtree(county_shapes)
    return Regions(
        counties=tuple(
            County(
                code=area.properties.adcode,
                zh=area.properties.name,
                en=COUNTIES[area.properties.adcode].en,
                city=area.properties.city_adcode,
            )
            for area in counties
        ),
        county_tree=tree,
        city_outlines=MappingProxyType(
            {
                area.properties.adcode: _outline(shape)
                for area, shape in zip(cities, city_shapes, strict=True)
            }
        ),
        squares=_squares(tree, shapely.boundary(county_shapes), shapely.boundary(city_shapes)),
    )


def _outline(shape: BaseGeometry) -> BaseGeometry:
    """The border line of an area in the plane of near distances, prepared for many questions."""
    outline = shapely.transform(shape.boundary, lambda points: points * (_LNG_SCALE, 1))
    shapely.prepare(outline)
    return outline


def _squares(tree: shapely.STRtree, county_lines: Any, city_lines: Any) -> Squares:
    """Find the squares that no border is near. Most of Hubei is such; geometry is for the rest.

    The 10:00 rush brings a location with each draw, and a look at the borders costs more than
    everything else that is done about it.
    """
    west, south, east, north = shapely.total_bounds(county_lines)
    blank = Squares(
        south=_square(south) - _REACH,
        west=_square(west) - _REACH,
        rows=_square(north) - _square(south) + 2 * _REACH + 1,
        columns=_square(east) - _square(west) + 2 * _REACH + 1,
        known=b"",
    )
    unknown = bytearray(blank.rows * blank.columns)
    for lines, reach in ((county_lines, 1), (city_lines, _REACH)):
        for at in _crossed(blank, lines):
            for row in range(-reach, reach + 1):
                first = at + row * blank.columns - reach
                unknown[first : first + 2 * reach + 1] = b"?" * (2 * reach + 1)
    return replace(blank, known=_fill(blank, unknown, tree))


def _crossed(blank: Squares, lines: Any) -> set[int]:
    """The squares that a line goes through, but for corners it cuts by less than a tenth."""
    points = shapely.get_coordinates(shapely.segmentize(lines, 0.2 / _SQUARES_PER_DEGREE))
    columns_and_rows = points * _SQUARES_PER_DEGREE // 1 - (blank.west, blank.south)
    return set((columns_and_rows @ (1, blank.columns)).astype(int).tolist())


def _fill(blank: Squares, unknown: bytearray, tree: shapely.STRtree) -> bytes:
    """Give each run of squares between two borders the county of its first corner."""
    runs = [
        (row * blank.columns + run.start(), run.end() - run.start())
        for row in range(blank.rows)
        for run in re.finditer(rb"\0+", unknown[row * blank.columns : (row + 1) * blank.columns])
    ]
    corners = [
        (first % blank.columns + blank.west, first // blank.columns + blank.south)
        for first, _ in runs
    ]
    points = shapely.transform(shapely.points(corners), lambda each: each / _SQUARES_PER_DEGREE)
    at, county = tree.query(points, predicate="covered_by")
    found = dict(zip(at.tolist(), county.tolist(), strict=True))
    known = bytearray(len(unknown))
    for turn, (first, length) in enumerate(runs):
        answer = found[turn] + 1 if turn in found else _ABROAD
        known[first : first + length] = bytes([answer]) * length
    return bytes(known)


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
    known = regions.squares.at(lat, lng)
    if known == _ABROAD:
        return None
    if known == _ASK:
        known = _fine_square(regions, lat, lng).county
    if known == _ABROAD:
        return None
    return regions.counties[known - 1] if known else county_by_borders(regions, lat, lng)


def _fine_square(regions: Regions, lat: float, lng: float) -> FineSquare:
    """The square that holds a point; the first who asks has the borders looked at for all."""
    at = math.floor(lat * _FINE_PER_DEGREE), math.floor(lng * _FINE_PER_DEGREE)
    known = regions.fine.get(at)
    if known is None:
        if len(regions.fine) >= _FINE_MAX:
            regions.fine.clear()
        known = regions.fine[at] = _look_at(regions, *at)
    return known


def _look_at(regions: Regions, south: int, west: int) -> FineSquare:
    """A county that covers the square, where no other touches it, is every point's county."""
    square = shapely.box(
        west / _FINE_PER_DEGREE - _HAIR,
        south / _FINE_PER_DEGREE - _HAIR,
        (west + 1) / _FINE_PER_DEGREE + _HAIR,
        (south + 1) / _FINE_PER_DEGREE + _HAIR,
    )
    touched = regions.county_tree.query(square, predicate="intersects").tolist()
    if not touched:
        return FineSquare(_ABROAD, 0.0)
    covering = regions.county_tree.query(square, predicate="covered_by").tolist()
    if covering != touched or len(touched) > 1:
        return FineSquare(_ASK, 0.0)
    plane = shapely.transform(square, lambda points: points * (_LNG_SCALE, 1))
    outline = regions.city_outlines[regions.counties[touched[0]].city]
    return FineSquare(touched[0] + 1, shapely.distance(outline, plane) - _HAIR)


def county_by_borders(regions: Regions, lat: float, lng: float) -> County | None:
    """The same, asked of the borders themselves."""
    found = regions.county_tree.query(shapely.Point(lng, lat), predicate="covered_by")
    if not len(found):
        return None
    return min((regions.counties[int(index)] for index in found), key=lambda each: each.code)


def is_near_border(regions: Regions, city: str, lat: float, lng: float, accuracy_m: float) -> bool:
    """True if the city's border is closer than the accuracy, or than a mistaken datum can shift."""
    within_m = max(accuracy_m, _DATUM_DOUBT_M)
    if within_m <= _FREE_OF_CITY_BORDERS_M and regions.squares.at(lat, lng) != _ASK:
        return False
    within = within_m / _METRES_PER_UNIT
    if within < _fine_square(regions, lat, lng).free_of_city_borders:
        return False
    point = shapely.Point(lng * _LNG_SCALE, lat)
    return bool(shapely.dwithin(regions.city_outlines[city], point, within))


def coarse_cell(lat: float, lng: float) -> str:
    """The square of a hundredth of a degree that holds a point, such as 30.59N114.30E."""
    return _cell(math.floor(lat * 100), math.floor(lng * 100))


@lru_cache(32_768)  # Hubei has some 19,000 of them.
def _cell(south: int, west: int) -> str:
    return f"{south // 100}.{south % 100:02}N{west // 100}.{west % 100:02}E"
