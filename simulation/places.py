"""Places: how people and stores are spread over the 17 cities, by the real borders.  人口与位置

City weights are the mean of two: the census, and a Wuhan that has 44 % of all users (the capital
shops online more than its census says); so Wuhan gets about a third.
"""

import math
import random
from collections import defaultdict
from dataclasses import dataclass

from huiquan.domain.cities import CITIES
from huiquan.domain.regions import Regions, county_at

WUHAN = "420100"
_WUHAN_SHARE = 0.44
# People and shops stand around the middle of a town, most of them within a few kilometres.
_SPREAD_DEG = 0.03
_TRIES = 200


@dataclass(frozen=True, kw_only=True)
class Point:
    """A point in WGS-84, and the county that holds it."""

    lat: float
    lng: float
    county: str
    county_zh: str
    city: str


@dataclass(frozen=True, kw_only=True)
class Town:
    """A county with the middle of its town and its weight among those of its city."""

    county: str
    county_zh: str
    city: str
    lat: float
    lng: float
    weight: float


Towns = dict[str, tuple[Town, ...]]


def city_weights() -> list[tuple[str, float]]:
    """Each city's share of users; together 1."""
    population = {code: city.population_2020 for code, city in CITIES.items()}
    everyone = sum(population.values())
    outside = everyone - population[WUHAN]
    weights = []
    for code, people in population.items():
        by_users = _WUHAN_SHARE if code == WUHAN else (1 - _WUHAN_SHARE) * people / outside
        weights.append((code, 0.5 * people / everyone + 0.5 * by_users))
    return weights


def towns_of(regions: Regions) -> Towns:
    """Every county's town, by city. The city's main town lies in one of them and weighs double."""
    towns: dict[str, list[Town]] = defaultdict(list)
    for county, shape in zip(regions.counties, regions.county_tree.geometries, strict=True):
        city = CITIES[county.city]
        home = county_at(regions, city.lat, city.lng)
        is_main = home is not None and home.code == county.code
        middle = shape.point_on_surface()
        towns[county.city].append(
            Town(
                county=county.code,
                county_zh=county.zh,
                city=county.city,
                lat=city.lat if is_main else middle.y,
                lng=city.lng if is_main else middle.x,
                weight=2.0 if is_main else 1.0,
            )
        )
    return {city: tuple(found) for city, found in towns.items()}


def point_in(throw: random.Random, regions: Regions, town: Town) -> Point:
    """A point near the middle of a town and inside its county, to the centimetre."""
    for _ in range(_TRIES):
        lat = round(throw.gauss(town.lat, _SPREAD_DEG), 7)
        lng = round(throw.gauss(town.lng, _SPREAD_DEG / math.cos(math.radians(town.lat))), 7)
        found = county_at(regions, lat, lng)
        if found is not None and found.code == town.county:
            return _point(lat, lng, town)
    return _point(round(town.lat, 7), round(town.lng, 7), town)


def _point(lat: float, lng: float, town: Town) -> Point:
    return Point(lat=lat, lng=lng, county=town.county, county_zh=town.county_zh, city=town.city)
