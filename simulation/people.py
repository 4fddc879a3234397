"""People: made-up persons with documents, phones and places, the same for the same seed.  消费者

Most are ordinary. Small shares give a place outside Hubei, a faked or a poor fix, are too young,
do not belong to their document, or come a second time, so that every refusal is seen in a season.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from huiquan.domain.coordinates import Datum, wgs84_to_gcj02
from huiquan.domain.people import check_digit
from huiquan.domain.regions import Regions
from simulation.dice import dice, pick
from simulation.people_names import forged_name, person_name
from simulation.places import Towns, city_weights, point_in, towns_of


class Trouble(StrEnum):
    """What is out of the ordinary about a person who registers."""

    NONE = "none"
    NO_CONSENT = "no_consent"  # will not share the place: 2 % in all with those below
    POOR_FIX = "poor_fix"  # worse than a kilometre, then a better one
    OUTSIDE = "outside"
    MOCKED = "mocked"
    UNDER_AGE = "under_age"
    FORGED_NAME = "forged_name"
    SECOND_PHONE = "second_phone"  # registers again with another phone


_TROUBLES = (
    (Trouble.NONE, 0.925),
    (Trouble.NO_CONSENT, 0.02),
    (Trouble.POOR_FIX, 0.01),
    (Trouble.OUTSIDE, 0.01),
    (Trouble.MOCKED, 0.01),
    (Trouble.UNDER_AGE, 0.005),
    (Trouble.FORGED_NAME, 0.01),
    (Trouble.SECOND_PHONE, 0.01),
)
_VISITORS = 0.05
_GCJ02 = 0.1  # phones whose page takes the place from a Chinese map

# Ages on the campaign's first day. 20.4 % are 60 or older, of whom two in five do not manage
# without help and stay away.
_AGES = (((16, 24), 0.15), ((25, 39), 0.37), ((40, 59), 0.35), ((60, 84), 0.13))
_YOUNG = (9, 12)
_FIRST_DAY = date(2026, 2, 2)

# Counties of registration elsewhere, and a few points outside Hubei, close and far.
_ELSEWHERE = ("410102", "430102", "340104", "360102", "500103", "110105", "310115", "440106")
_OUTSIDE = ((28.228, 112.939), (34.747, 113.625), (29.705, 116.001), (31.230, 121.474))
_MOBILE_PREFIXES = (130, 131, 135, 136, 137, 138, 139, 150, 151, 158, 159, 166, 176, 186, 189, 199)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who may take part. Where the phone is stands in its own datum.

    eagerness is how much more often than others this person draws; packs are tastes, weights of
    the packs 1 to 3.
    """

    number: int
    name: str
    document: str
    phone: str
    device: str
    city: str
    is_visitor: bool
    lat: float
    lng: float
    datum: Datum
    accuracy_m: int
    trouble: Trouble
    eagerness: float
    packs: tuple[float, float, float] = field(default=(0.2, 0.4, 0.4))


def make_people(regions: Regions, seed: int | str, last: int, first: int = 1) -> list[Person]:
    """The people of a seed by their numbers; person n is the same however many are asked for."""
    towns, weights = towns_of(regions), city_weights()
    return [_person(regions, towns, weights, seed, number) for number in range(first, last + 1)]


def _person(
    regions: Regions,
    towns: Towns,
    weights: list[tuple[str, float]],
    seed: int | str,
    number: int,
) -> Person:
    throw = dice(seed, "person", number)
    trouble = pick(throw, _TROUBLES)
    city = pick(throw, weights)
    home = pick(throw, [(each, each.weight) for each in towns[city]])
    is_visitor = throw.random() < _VISITORS
    county = throw.choice(_ELSEWHERE) if is_visitor else home.county
    at = point_in(throw, regions, home)
    lat, lng = at.lat, at.lng
    if trouble is Trouble.OUTSIDE:
        lat, lng = throw.choice(_OUTSIDE)
    datum = Datum.GCJ02 if throw.random() < _GCJ02 else Datum.WGS84
    if datum is Datum.GCJ02:
        lat, lng = wgs84_to_gcj02(lat, lng)
    is_forged = trouble is Trouble.FORGED_NAME
    taste = throw.random()
    return Person(
        number=number,
        name=forged_name(throw) if is_forged else person_name(throw),
        document=_document(throw, county, number, is_young=trouble is Trouble.UNDER_AGE),
        phone=_phone(throw, seed, number),
        device=f"device-{throw.randbytes(8).hex()}",
        city=city,
        is_visitor=is_visitor,
        lat=round(lat, 7),
        lng=round(lng, 7),
        datum=datum,
        accuracy_m=throw.randint(8, 120),
        trouble=trouble,
        eagerness=0.4 + 1.2 * throw.random(),
        packs=(0.2, 0.2 + 0.4 * taste, 0.6 - 0.4 * taste),
    )


def _document(throw: random.Random, county: str, number: int, *, is_young: bool) -> str:
    """A citizen number (GB 11643). The order number of the day follows the person's own number,
    so that hardly ever two people meet on one."""
    youngest, oldest = _YOUNG if is_young else pick(throw, _AGES)
    days = throw.randint(youngest * 366, oldest * 365)
    born = _FIRST_DAY - timedelta(days=days)
    first_17 = f"{county}{born:%Y%m%d}{number % 999 + 1:03}"
    return first_17 + check_digit(first_17)


def _phone(throw: random.Random, seed: int | str, number: int) -> str:
    """A mainland mobile number; the last eight digits differ for the first 100 million people."""
    start = dice(seed, "phones").randrange(10**8)
    return f"{throw.choice(_MOBILE_PREFIXES)}{(start + number * 7_919) % 10**8:08}"
