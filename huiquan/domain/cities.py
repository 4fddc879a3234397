"""Cities: the 17 cities and prefectures of Hubei, as a table.  十七个市州

The key of a city is its full six-digit code. The last four units are run by the province itself
and share 4290 with each other, so the first four digits name no city. There is no 420400.
Population: census of 2020. The point lies in the main town, WGS-84, for maps and examples.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class City:
    """One of the 17 units that answer to the province."""

    code: str
    zh: str
    en: str
    population_2020: int
    lat: float
    lng: float


_TABLE = """
420100  武汉市                Wuhan        12326518  30.593  114.305
420200  黄石市                Huangshi      2469079  30.200  115.039
420300  十堰市                Shiyan        3209004  32.629  110.798
420500  宜昌市                Yichang       4017607  30.692  111.286
420600  襄阳市                Xiangyang     5260951  32.009  112.122
420700  鄂州市                Ezhou         1079353  30.391  114.895
420800  荆门市                Jingmen       2596927  31.035  112.199
420900  孝感市                Xiaogan       4270371  30.925  113.917
421000  荆州市                Jingzhou      5231180  30.335  112.239
421100  黄冈市                Huanggang     5882719  30.454  114.872
421200  咸宁市                Xianning      2658316  29.841  114.322
421300  随州市                Suizhou       2047923  31.690  113.382
422800  恩施土家族苗族自治州  Enshi         3456136  30.272  109.488
429004  仙桃市                Xiantao       1134715  30.362  113.454
429005  潜江市                Qianjiang      886547  30.402  112.899
429006  天门市                Tianmen       1158640  30.663  113.166
429021  神农架林区            Shennongjia     66571  31.745  110.676
"""


def _read(text: str) -> Mapping[str, City]:
    """Read the table above into cities by code, in the order of their codes."""
    cities = {}
    for line in text.strip().splitlines():
        code, zh, en, population, lat, lng = line.split()
        cities[code] = City(
            code=code,
            zh=zh,
            en=en,
            population_2020=int(population),
            lat=float(lat),
            lng=float(lng),
        )
    return MappingProxyType(cities)


CITIES: Mapping[str, City] = _read(_TABLE)
