"""Coordinates: between the receiver's datum and the map's, and back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.coordinates import gcj02_to_wgs84, wgs84_to_gcj02
from tests.tables import rows

# Points that several published converters agree on.
SHIFTS = rows("""
    place     lat         lng          map_lat             map_lng
    Shanghai  31.1774276  121.5272106  31.17530398364597   121.531541859215
    Shenzhen  22.543847   113.912316   22.540796131694766  113.9171764808363
    Beijing   39.911954   116.377817   39.91334545536069   116.38404722455657
    London    51.5074     -0.1278      51.5074             -0.1278
    Seattle   47.6062     -122.3321    47.6062             -122.3321
""")

in_hubei = st.tuples(st.floats(28.9, 33.4), st.floats(108.2, 116.3))


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance on a sphere of 6,371 km."""
    lat, lng, to_lat, to_lng = map(math.radians, (*one, *other))
    half = math.sin((to_lat - lat) / 2) ** 2
    half += math.cos(lat) * math.cos(to_lat) * math.sin((to_lng - lng) / 2) ** 2
    return 2 * 6_371_000 * math.asin(math.sqrt(half))


@pytest.mark.parametrize("case", SHIFTS, ids=lambda case: case["place"])
def test_a_point_lands_where_chinese_maps_draw_it(case: dict[str, str]) -> None:
    drawn = wgs84_to_gcj02(float(case["lat"]), float(case["lng"]))
    assert drawn == pytest.approx((float(case["map_lat"]), float(case["map_lng"])), abs=1e-9)


@given(in_hubei)
def test_there_and_back_is_the_same_point_to_a_millimetre(point: tuple[float, float]) -> None:
    assert metres_between(gcj02_to_wgs84(*wgs84_to_gcj02(*point)), point) < 0.001
    assert metres_between(wgs84_to_gcj02(*gcj02_to_wgs84(*point)), point) < 0.001


@given(in_hubei)
def test_a_mistaken_datum_is_an_error_of_hundreds_of_metres(point: tuple[float, float]) -> None:
    assert 300 < metres_between(wgs84_to_gcj02(*point), point) < 800


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_the_way_back_ends_everywhere_on_earth(lat: float, lng: float) -> None:
    back = gcj02_to_wgs84(lat, lng)
    assert metres_between(back, (lat, lng)) < 2_000
