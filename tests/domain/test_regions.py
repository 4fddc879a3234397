"""Regions: in which city and county a phone is, judged as an unhurried second count would."""

import json
import math
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.cities import CITIES, City
from huiquan.domain.coordinates import Datum, wgs84_to_gcj02
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import (
    Location,
    Place,
    Regions,
    coarse_cell,
    county_at,
    county_by_borders,
    is_near_border,
    locate,
    read_regions,
)
from tests.tables import rows

NOW = datetime(2026, 2, 6, 2, 0, tzinfo=UTC)
DATA = Path(__file__).parents[2] / "huiquan" / "data"
CITY_BORDERS = (DATA / "hubei17.geojson").read_bytes()
COUNTY_BORDERS = (DATA / "hubei_counties.geojson").read_bytes()

# The second count: plain polygons, unprepared, asked one after the other.
PLAIN_CITIES = {
    feature["properties"]["adcode"]: shapely.geometry.shape(feature["geometry"])
    for feature in json.loads(CITY_BORDERS)["features"]
}
PLAIN_COUNTIES = [
    (
        feature["properties"]["adcode"],
        feature["properties"]["city_adcode"],
        shapely.geometry.shape(feature["geometry"]),
    )
    for feature in json.loads(COUNTY_BORDERS)["features"]
]


THE_REGIONS = read_regions(CITY_BORDERS, COUNTY_BORDERS)


@pytest.fixture
def regions() -> Regions:
    return THE_REGIONS


def fix(
    lat: float = 30.593,
    lng: float = 114.305,
    accuracy_m: float = 20,
    datum: Datum = Datum.WGS84,
    mocked: bool = False,
    age: timedelta = timedelta(seconds=3),
) -> Location:
    return Location(
        lat=lat,
        lng=lng,
        accuracy_m=accuracy_m,
        datum=datum,
        mocked=mocked,
        taken_at=NOW - age,
    )


def cities_by_second_count(lat: float, lng: float) -> set[str]:
    return {code for code, area in PLAIN_CITIES.items() if area.covers(shapely.Point(lng, lat))}


@pytest.mark.requirement("R3.3")
@pytest.mark.parametrize("city", CITIES.values(), ids=lambda city: city.en)
def test_the_main_town_of_each_city_lies_in_it(regions: Regions, city: City) -> None:
    place = locate(regions, fix(lat=city.lat, lng=city.lng), NOW)
    assert isinstance(place, Place)
    assert (place.city, place.city_zh, place.city_en) == (city.code, city.zh, city.en)


def test_the_seventeen_cities_add_up_to_the_province() -> None:
    assert len(CITIES) == 17
    assert sum(city.population_2020 for city in CITIES.values()) == 57_752_557


def test_four_digits_are_not_the_key_of_a_city() -> None:
    assert len({code[:4] for code in CITIES}) == 14
    assert [code for code in CITIES if code.startswith("4290")] == [
        "429004",
        "429005",
        "429006",
        "429021",
    ]


POINTS = rows("""
    what                                      lat        lng         city    county
    Yellow Crane Tower                        30.5447    114.2970    武汉市   武昌区
    Three Gorges Dam, the town of Sandouping  30.8230    111.0190    宜昌市   夷陵区
    Wudang Mountain gate                      32.5000    111.0600    十堰市   丹江口市
    Shennongjia, Songbai                      31.7450    110.6760    神农架林区  神农架林区
    Tianmen town                              30.6630    113.1660    天门市   天门市
    Enshi town                                30.2720    109.4880    恩施土家族苗族自治州  恩施市
    Changsha                                  28.2280    112.9390    -       -
    Xinyang, just north of the province       32.1470    114.0910    -       -
    Jiujiang, over the river from Huangmei    29.7050    116.0020    -       -
    Chongqing Wushan                          31.0740    109.8790    -       -
""")


@pytest.mark.requirement("R1.1")
@pytest.mark.parametrize("case", POINTS, ids=lambda case: case["what"])
def test_well_known_points_are_where_everybody_knows_them(
    regions: Regions, case: dict[str, str]
) -> None:
    place = locate(regions, fix(lat=float(case["lat"]), lng=float(case["lng"])), NOW)
    if case["city"]:
        assert isinstance(place, Place)
        assert (place.city_zh, place.county_zh) == (case["city"], case["county"])
    else:
        assert place is Refusal.OUTSIDE_AREA


@given(st.floats(28.9, 33.4), st.floats(108.2, 116.3))
def test_any_point_is_in_the_city_of_the_second_count(lat: float, lng: float) -> None:
    county = county_at(THE_REGIONS, lat, lng)
    found = {county.city} if county else set()
    assert found == cities_by_second_count(lat, lng)


def test_five_thousand_points_all_over_the_province_agree_with_the_second_count() -> None:
    dice = random.Random(3)
    points = [(dice.uniform(28.9, 33.4), dice.uniform(108.2, 116.3)) for _ in range(5000)]
    lats, lngs = zip(*points, strict=True)
    inside = {code: shapely.contains_xy(area, lngs, lats) for code, area in PLAIN_CITIES.items()}
    for at, point in enumerate(points):
        county = county_at(THE_REGIONS, *point)
        found = {county.city} if county else set()
        assert found == {code for code in inside if inside[code][at]}


def test_what_is_known_of_squares_is_what_the_borders_say() -> None:
    """Around the towns, where the people are, and in every known square that was hit."""
    dice = random.Random(4)
    known = 0
    for city in CITIES.values():
        for turn in range(400):
            # Far and near by turns, so that squares near borders are asked about again.
            spread = 0.1 if turn % 2 else 0.004
            lat, lng = dice.gauss(city.lat, spread), dice.gauss(city.lng, spread)
            county = county_by_borders(THE_REGIONS, lat, lng)
            assert county_at(THE_REGIONS, lat, lng) == county
            if county is None:
                continue
            near = is_near_border(THE_REGIONS, county.city, lat, lng, 20)
            assert near == is_near_by_outline(county.city, lat, lng, 350)
            known += THE_REGIONS.squares.at(lat, lng) != 0
    assert known > 2000


def is_near_by_outline(city: str, lat: float, lng: float, within_m: float) -> bool:
    scale = math.cos(math.radians(31))
    point = shapely.Point(lng * scale, lat)
    return bool(THE_REGIONS.city_outlines[city].distance(point) <= within_m / 111_320)


def test_far_beyond_the_map_is_abroad() -> None:
    for lat, lng in [(0, 0), (30, 0), (0, 114), (30, 200), (-89, -179), (89, 179)]:
        assert county_at(THE_REGIONS, lat, lng) is None


def test_points_on_the_very_border_belong_to_one_of_the_neighbours(regions: Regions) -> None:
    dice = random.Random(1)
    for code, area in PLAIN_CITIES.items():
        for lng, lat in dice.sample(list(shapely.get_coordinates(area.boundary)), 20):
            county = county_at(regions, lat, lng)
            assert county is not None, (code, lat, lng)
            assert county.city in cities_by_second_count(lat, lng)
            assert county == county_at(regions, lat, lng)


def test_points_a_few_metres_from_the_border_are_judged_by_the_side_they_are_on(
    regions: Regions,
) -> None:
    dice = random.Random(2)
    for area in PLAIN_CITIES.values():
        for lng, lat in dice.sample(list(shapely.get_coordinates(area.boundary)), 20):
            near_lat = lat + dice.uniform(-1e-4, 1e-4)
            near_lng = lng + dice.uniform(-1e-4, 1e-4)
            county = county_at(regions, near_lat, near_lng)
            found = {county.city} if county else set()
            assert found == cities_by_second_count(near_lat, near_lng)


def test_enclaves_are_real(regions: Regions) -> None:
    """Pieces of one city inside another, and of other provinces inside Hubei, keep their owner."""
    pieces = holes = 0
    for code, area in PLAIN_CITIES.items():
        for piece in getattr(area, "geoms", [area]):
            inside = piece.representative_point()
            county = county_at(regions, inside.y, inside.x)
            assert county is not None
            assert county.city == code
            pieces += 1
    province = shapely.union_all(list(PLAIN_CITIES.values()))
    for piece in province.geoms:
        for ring in piece.interiors:
            inside = shapely.Polygon(ring).representative_point()
            assert county_at(regions, inside.y, inside.x) is None
            holes += 1
    assert (pieces, holes) == (44, 3)


def test_every_county_lies_in_its_city() -> None:
    for code, city, area in PLAIN_COUNTIES:
        inside = area.representative_point()
        assert cities_by_second_count(inside.y, inside.x) == {city}, code


NAN, INFINITE = float("nan"), float("inf")
BAD_LOCATIONS = {
    "no latitude": (fix(lat=NAN), Refusal.LOCATION_MISSING),
    "no longitude": (fix(lng=NAN), Refusal.LOCATION_MISSING),
    "an endless latitude": (fix(lat=INFINITE), Refusal.LOCATION_MISSING),
    "a latitude beyond the pole": (fix(lat=90.1), Refusal.LOCATION_MISSING),
    "a longitude beyond the date line": (fix(lng=-180.1), Refusal.LOCATION_MISSING),
    "mocked": (fix(mocked=True), Refusal.LOCATION_MOCKED),
    "mocked goes before inaccurate": (
        fix(mocked=True, accuracy_m=5000),
        Refusal.LOCATION_MOCKED,
    ),
    "accuracy over 1 km": (fix(accuracy_m=1000.5), Refusal.LOCATION_INACCURATE),
    "accuracy unknown": (fix(accuracy_m=NAN), Refusal.LOCATION_INACCURATE),
    "accuracy below zero": (fix(accuracy_m=-1), Refusal.LOCATION_INACCURATE),
    "older than five minutes": (fix(age=timedelta(seconds=301)), Refusal.LOCATION_STALE),
    "from the future": (fix(age=timedelta(seconds=-121)), Refusal.LOCATION_STALE),
    "null island": (fix(lat=0, lng=0), Refusal.OUTSIDE_AREA),
}


@pytest.mark.parametrize("name", BAD_LOCATIONS)
def test_what_is_no_good_location_is_refused(regions: Regions, name: str) -> None:
    location, refusal = BAD_LOCATIONS[name]
    assert locate(regions, location, NOW) is refusal


def test_no_location_is_refused(regions: Regions) -> None:
    assert locate(regions, None, NOW) is Refusal.LOCATION_MISSING


@pytest.mark.parametrize(
    "location",
    [
        fix(accuracy_m=1000),
        fix(accuracy_m=0),
        fix(age=timedelta(minutes=5)),
        fix(age=timedelta(minutes=-2)),
    ],
)
def test_the_limits_themselves_are_still_good(regions: Regions, location: Location) -> None:
    assert isinstance(locate(regions, location, NOW), Place)


def test_the_datum_decides_near_a_border(regions: Regions) -> None:
    """The same figures read in the other datum are another place, some hundred metres away."""
    lat, lng = _point_just_outside_but_drawn_inside(regions)
    as_receiver = locate(regions, fix(lat=lat, lng=lng), NOW)
    as_map = locate(regions, fix(lat=lat, lng=lng, datum=Datum.GCJ02), NOW)
    assert isinstance(as_receiver, Place)
    assert as_map is Refusal.OUTSIDE_AREA
    assert as_receiver.near_border


def _point_just_outside_but_drawn_inside(regions: Regions) -> tuple[float, float]:
    """A point outside the province that Chinese maps draw, by its shift, inside it."""
    province = shapely.union_all(list(PLAIN_CITIES.values())).boundary
    for lng, lat in shapely.get_coordinates(province):
        outside = (lat + 0.0005, lng - 0.0005)
        drawn = wgs84_to_gcj02(*outside)
        if county_at(regions, *outside) is None and county_at(regions, *drawn):
            return drawn
    raise AssertionError("the province has a western border")


@pytest.mark.parametrize("datum", Datum)
def test_a_place_in_either_datum_is_the_same_place(regions: Regions, datum: Datum) -> None:
    lat, lng = 30.593, 114.305
    if datum is Datum.GCJ02:
        lat, lng = wgs84_to_gcj02(lat, lng)
    place = locate(regions, fix(lat=lat, lng=lng, datum=datum, accuracy_m=19.2), NOW)
    assert place == Place(
        city="420100",
        city_zh="武汉市",
        city_en="Wuhan",
        county="420102",
        county_zh="江岸区",
        cell="30.59N114.30E",
        near_border=False,
        accuracy_m=20,
        datum=datum,
        taken_at=NOW - timedelta(seconds=3),
    )


@given(st.floats(29.1, 33.2), st.floats(108.4, 116.1), st.floats(0, 1000))
def test_near_the_border_agrees_with_a_ruler(lat: float, lng: float, accuracy_m: float) -> None:
    """The second count measures in metres around the point itself; 5 % apart, both may be right."""
    place = locate(THE_REGIONS, fix(lat=lat, lng=lng, accuracy_m=accuracy_m), NOW)
    if isinstance(place, Refusal):
        return
    scale = (111_320 * math.cos(math.radians(lat)), 111_320)
    line = shapely.transform(PLAIN_CITIES[place.city].boundary, lambda points: points * scale)
    distance_m = line.distance(shapely.Point(lng * scale[0], lat * scale[1]))
    limit_m = max(accuracy_m, 350)
    if not 0.95 * limit_m < distance_m < 1.05 * limit_m:
        assert place.near_border == (distance_m < limit_m)


@given(st.floats(29, 33), st.floats(108.5, 116))
def test_a_cell_holds_its_point_and_says_no_more(lat: float, lng: float) -> None:
    south, west = coarse_cell(lat, lng).removesuffix("E").split("N")
    assert float(south) - 1e-9 <= lat < float(south) + 0.01 + 1e-9
    assert float(west) - 1e-9 <= lng < float(west) + 0.01 + 1e-9
    assert len(coarse_cell(lat, lng)) == 13


def test_borders_of_another_province_are_refused() -> None:
    other = CITY_BORDERS.replace(b'"420100"', b'"430100"')
    with pytest.raises(ValueError, match="17 cities"):
        read_regions(other, COUNTY_BORDERS)


def test_a_county_under_another_name_is_refused() -> None:
    other = COUNTY_BORDERS.replace("江岸区".encode(), "江岸县".encode())
    with pytest.raises(ValueError, match="counties"):
        read_regions(CITY_BORDERS, other)
