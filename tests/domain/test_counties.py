"""Every county of Hubei has its English name, spelled by rule."""

import json
import re

from huiquan.domain.cities import CITIES
from huiquan.domain.counties import COUNTIES
from tests.domain.test_regions import COUNTY_BORDERS

LAST_WORDS = {
    "土家族自治县": "Tujia Autonomous County",
    "林区": "Forestry District",
    "区": "District",
    "县": "County",
    "市": "City",
}
# A syllable of pinyin, as far as its letters say: what stands before the vowels, they, n, ng or r.
SYLLABLE = r"(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?[aeiou]{1,3}(?:ng?|r)?"
PROPER_NAME = re.compile(rf"(?:{SYLLABLE})(?:{SYLLABLE}|'(?=[aeo]){SYLLABLE})*", re.IGNORECASE)


def test_every_county_of_the_map_has_an_english_name_of_its_own() -> None:
    areas = [one["properties"] for one in json.loads(COUNTY_BORDERS)["features"]]
    assert len(areas) == 103
    assert {area["adcode"]: area["name"] for area in areas} == {
        code: one.zh for code, one in COUNTIES.items()
    }
    assert len({one.en for one in COUNTIES.values()}) == len(areas)


def test_the_last_word_is_translated_and_the_proper_name_is_pinyin() -> None:
    for one in COUNTIES.values():
        zh = next(word for word in LAST_WORDS if one.zh.endswith(word))
        proper, _, last = one.en.partition(" ")
        assert last == LAST_WORDS[zh], one
        assert proper == proper.capitalize(), one
        assert PROPER_NAME.fullmatch(proper), one


def test_a_city_without_counties_is_called_as_the_city_it_is() -> None:
    alone = {code: one for code, one in COUNTIES.items() if code in CITIES}
    assert sorted(alone) == ["429004", "429005", "429006", "429021"]
    for code, one in alone.items():
        assert (one.zh, one.en.split()[0]) == (CITIES[code].zh, CITIES[code].en)
