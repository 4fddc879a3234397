"""Delivery addresses: in which county of Hubei a parcel is to arrive.  收货地址解析

An address is read from its head, as post is: province, city, county, and then the rest. Whatever
does not begin as a place in Hubei is outside or unclear, however often it says 湖北 further on
(湖北大厦 北京市…), and so is what names a second place in its rest. Nothing is guessed: public
money depends on it, and whoever is refused is told what to write.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from huiquan.domain.cities import CITIES
from huiquan.domain.divisions import (
    CITIES_OUTSIDE,
    PROVINCES_OUTSIDE,
    PROVINCES_OUTSIDE_SHORT,
    TRADITIONAL,
)
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import County

ADDRESS_MAX = 200
DETAIL_MIN = 2
"""A street, a village or a house: less than two characters is none."""

_COUNTRY = re.compile(r"(中华人民共和国|中国)?")
_PROVINCE = re.compile(r"(湖北省|湖北)+(省直辖县级行政(区划|单位)|省直辖县|省直辖)?")
# 北京市场 is a market, 朝阳市民广场 a square: 市 there does not end a city's name.
_NOT_A_CITY = r"(?![场民政容])"
_OUTSIDE_IN_FULL = re.compile(
    "|".join((*PROVINCES_OUTSIDE, *(f"{name}市" for name in CITIES_OUTSIDE)))
)
_OUTSIDE_ANYWHERE = re.compile(
    rf"(?:{_OUTSIDE_IN_FULL.pattern}){_NOT_A_CITY}"
    # 北京朝阳区 names a place, 北京路小区 does not.
    rf"|(?:{'|'.join(PROVINCES_OUTSIDE_SHORT)})(?![路街道大巷里村])"
    r"[\u4e00-\u9fff]{1,4}(?<![小社园景校院厂新])[区县]"
)
_OUTSIDE_AT_HEAD = re.compile("|".join((*PROVINCES_OUTSIDE_SHORT, *CITIES_OUTSIDE)))
_CITY_WORDS = re.compile("(土家族苗族自治州|林区|市)$")


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where a parcel is to arrive: codes of city and county, and the county's name."""

    city: str
    county: str
    county_zh: str


def plain_address(text: str) -> str:
    """An address as it is compared: full width made half, traditional made simplified, and
    nothing left but letters and digits, so that no gap and no invisible character hides a name."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(each for each in folded if each.isalnum()).translate(TRADITIONAL)


def parse_address(text: str, counties: Sequence[County]) -> Destination | Refusal:
    """Say to which county of Hubei an address leads (R3.7, R5.4).

    counties are those of the map. Refuses ADDRESS_OUTSIDE (it begins or ends in another province)
    and ADDRESS_UNCLEAR (no city or county at its head, county and city that do not belong
    together, nothing after the county, a second place named, or control characters in it).
    """
    if not text.strip() or len(text) > ADDRESS_MAX:
        return Refusal.ADDRESS_UNCLEAR
    if any(unicodedata.category(each) == "Cc" for each in text):
        return Refusal.ADDRESS_UNCLEAR
    plain = plain_address(text)
    rest = plain[_prefix(_COUNTRY, plain) :]
    after = rest[_prefix(_PROVINCE, rest) :]
    found = {
        (county, detail)
        for county, detail in _readings(after, counties, says_hubei=after != rest)
        if len(detail) >= DETAIL_MIN
    }
    if len({county.code for county, _ in found}) != 1:
        is_outside = _OUTSIDE_AT_HEAD.match(rest) or _OUTSIDE_ANYWHERE.search(plain)
        return Refusal.ADDRESS_OUTSIDE if is_outside else Refusal.ADDRESS_UNCLEAR
    county, detail = min(found, key=lambda reading: len(reading[1]))
    if _OUTSIDE_ANYWHERE.search(detail) or _names_another(detail, county, counties):
        return Refusal.ADDRESS_UNCLEAR
    return Destination(city=county.city, county=county.code, county_zh=county.zh)


def _prefix(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0


def _readings(
    after: str, counties: Sequence[County], *, says_hubei: bool
) -> Iterator[tuple[County, str]]:
    """Every way to read city and county at the head, with what is left.

    A city in short (武汉 for 武汉市), or a county without its city, only after the province: other
    provinces have counties of the same names.
    """
    for county in counties:
        for city in _city_forms(county.city, says_hubei=says_hubei):
            if not after.startswith(city):
                continue
            rest = after.removeprefix(city)
            if county.code == county.city:  # run by the province itself: its city is its county
                yield county, rest
                continue
            for name in _county_forms(county):
                if rest.startswith(name):
                    yield county, rest.removeprefix(name)
        if says_hubei:
            for name in _county_forms(county):
                if after.startswith(name):
                    yield county, after.removeprefix(name)


def _city_forms(code: str, *, says_hubei: bool) -> tuple[str, ...]:
    full = CITIES[code].zh
    short = _CITY_WORDS.sub("", full)
    forms = (full, f"{short}州", f"{short}自治州") if full.endswith("州") else (full,)
    return (*forms, short) if says_hubei else forms


def _county_forms(county: County) -> tuple[str, ...]:
    return tuple(dict.fromkeys((county.zh, county.zh.replace("土家族自治县", "县"))))


def _names_another(detail: str, county: County, counties: Sequence[County]) -> bool:
    """Whether the rest of an address names another city or county of Hubei in full."""
    others = {other.zh for other in counties if other.code != county.code}
    others |= {city.zh for city in CITIES.values() if city.code != county.city}
    own = {county.zh, CITIES[county.city].zh}
    return any(
        re.search(re.escape(name) + _NOT_A_CITY, detail) for name in others - own if len(name) > 2
    )
