"""Demo stores: a few hundred believable ones over all 17 cities, each with a till.  演示门店

The file they are written to is the one that `huiquan store import` reads. It holds PINs, so it is
for demonstrations only. Each city has a dining and a retail store, however small it is.
"""

import csv
import os
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from stdnum.cn import uscc

from huiquan.domain.cities import CITIES
from huiquan.domain.regions import Regions
from simulation import store_names
from simulation.dice import dice, pick
from simulation.places import WUHAN, Point, Towns, city_weights, point_in, towns_of

STORES = 340
ONLINE, RETAIL, DINING = 1, 2, 3
_TRADES = ((DINING, 0.56), (RETAIL, 0.42), (ONLINE, 0.02))
_ONLINE_AT_LEAST = 3
_SMALL_SHARE = 0.6


@dataclass(frozen=True, kw_only=True)
class DemoStore:
    """One line of the file: merchant, store, packs, and the cashier's sign-in."""

    merchant_name: str
    uscc: str
    code: str
    name: str
    address: str
    lat: float
    lng: float
    datum: str
    packs: tuple[int, ...]
    login: str
    cashier_name: str
    pin: str


def make_stores(regions: Regions, seed: int, count: int = STORES) -> list[DemoStore]:
    """The same stores for the same seed; each lies in the county that its name tells."""
    towns = towns_of(regions)
    places = [(WUHAN, ONLINE)] * _ONLINE_AT_LEAST
    places += [(city, pack) for city in CITIES for pack in (DINING, RETAIL)]
    throw = dice(seed, "trades")
    weights = city_weights()
    while len(places) < count:
        places.append((pick(throw, weights), pick(throw, _TRADES)))
    return [
        _store(regions, towns, city, pack, number, dice(seed, "store", number))
        for number, (city, pack) in enumerate(places[:count], start=1)
    ]


def _store(
    regions: Regions, towns: Towns, city: str, pack: int, number: int, throw: random.Random
) -> DemoStore:
    town = pick(throw, [(each, each.weight) for each in towns[city]])
    at = point_in(throw, regions, town)
    is_small = pack == DINING and throw.random() < _SMALL_SHARE
    sign = {
        DINING: store_names.dining_name,
        RETAIL: store_names.retail_name,
        ONLINE: store_names.online_name,
    }[pack](throw)
    return DemoStore(
        merchant_name=store_names.company_name(sign, at.county_zh, is_small=is_small),
        uscc=_credit_code(throw, at, number, is_small=is_small),
        code=f"DEMO-{number:04}",
        name=sign if pack == ONLINE else f"{sign}（{at.county_zh}店）",
        address=store_names.address(throw, CITIES[city].zh, at.county_zh),
        lat=at.lat,
        lng=at.lng,
        datum="wgs84",
        packs=(pack,),
        login=f"till-{number:04}",
        cashier_name=store_names.cashier_name(throw),
        pin=f"{throw.randrange(10**6):06}",
    )


def _credit_code(throw: random.Random, at: Point, number: int, *, is_small: bool) -> str:
    """A unified social credit code with both check characters (GB 32100, GB 11714).

    9 is the market regulation office, 1 a company and 2 a sole trader, then the county. The
    store's number in the organisation code keeps every code different.
    """
    organisation = f"MA{throw.randrange(100):02}{number:04}"
    organisation += organisation_check(organisation)
    body = f"9{2 if is_small else 1}{at.county}{organisation}"
    return body + str(uscc.calc_check_digit(body))


def organisation_check(first_8: str) -> str:
    """The ninth character of an organisation code (GB 11714): modulo 11, X for ten."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(weight * int(each, 36) for weight, each in zip(weights, first_8, strict=True))
    return "0123456789X"[-total % 11]


def write_stores(path: Path, stores: Iterable[DemoStore]) -> None:
    """Write the file that `huiquan store import` reads, for its owner's eyes alone."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [each.name for each in fields(DemoStore)])
        writer.writeheader()
        for store in stores:
            writer.writerow(asdict(store) | {"packs": " ".join(map(str, store.packs))})


def read_stores(path: Path) -> Sequence[DemoStore]:
    """Read the file again, for the crowd that shops there."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [_read(row) for row in csv.DictReader(file)]


def _read(row: dict[str, str]) -> DemoStore:
    words = {name: row[name] for name in row if name not in ("lat", "lng", "packs")}
    packs = tuple(int(pack) for pack in row["packs"].split())
    return DemoStore(lat=float(row["lat"]), lng=float(row["lng"]), packs=packs, **words)
