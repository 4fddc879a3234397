"""Coordinates: points on the ground, and in which datum they were written.  坐标与坐标系

A phone's receiver speaks WGS-84. Chinese maps speak GCJ-02, which is shifted by about 350 metres
so that a point near the border taken for the wrong datum lands in the wrong city. Therefore no
coordinate travels without its datum. The shift has no exact inverse; it is found by iteration.
"""

import math
from enum import StrEnum

_SEMI_MAJOR_M = 6378245.0  # Krasovsky 1940, as GCJ-02 uses it
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_CLOSE_DEG = 1e-9  # a tenth of a millimetre


class Datum(StrEnum):
    """The reference frame of a coordinate."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"


def wgs84_to_gcj02(lat: float, lng: float) -> tuple[float, float]:
    """Shift a true position to where Chinese maps draw it; abroad nothing is shifted."""
    if not (0.8293 <= lat <= 55.8271 and 72.004 <= lng <= 137.8347):
        return lat, lng
    shift_lat, shift_lng = _shift(lng - 105.0, lat - 35.0)
    flattened = 1 - _ECCENTRICITY_SQUARED * math.sin(math.radians(lat)) ** 2
    prime_m = _SEMI_MAJOR_M / math.sqrt(flattened)
    meridian_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / flattened**1.5
    return (
        lat + math.degrees(shift_lat / meridian_m),
        lng + math.degrees(shift_lng / (prime_m * math.cos(math.radians(lat)))),
    )


def gcj02_to_wgs84(lat: float, lng: float) -> tuple[float, float]:
    """Find the true position that Chinese maps draw at this point.

    Each step corrects the guess by what is still missing; three to five steps reach a tenth of
    a millimetre inside China. Ten is the end for points on the rim of the shifted area.
    """
    true_lat, true_lng = lat, lng
    for _ in range(10):
        drawn_lat, drawn_lng = wgs84_to_gcj02(true_lat, true_lng)
        miss_lat, miss_lng = lat - drawn_lat, lng - drawn_lng
        true_lat, true_lng = true_lat + miss_lat, true_lng + miss_lng
        if abs(miss_lat) < _CLOSE_DEG and abs(miss_lng) < _CLOSE_DEG:
            break
    return true_lat, true_lng


def _shift(x: float, y: float) -> tuple[float, float]:
    """The shift north and east in metres, x degrees east of 105° and y degrees north of 35°."""
    sin, pi, root = math.sin, math.pi, math.sqrt(abs(x))
    both = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (both + 20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (both + 20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    return north, east
