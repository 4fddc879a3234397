"""Made-up people: real enough for the house's own rules, and the same for the same seed."""

from collections import Counter
from datetime import date

import pytest

from huiquan.domain.cities import CITIES
from huiquan.domain.coordinates import Datum, gcj02_to_wgs84
from huiquan.domain.people import Document, DocumentKind, normalise_document, normalise_name
from huiquan.domain.phones import normalise_phone
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import county_at
from huiquan.gateways.maps import load_regions
from simulation.people import Person, Trouble, make_people

REGIONS = load_regions()
PEOPLE = make_people(REGIONS, 1, 5000)


def documents() -> list[Document]:
    found = [normalise_document(DocumentKind.RESIDENT_ID, one.document) for one in PEOPLE]
    assert not any(isinstance(one, Refusal) for one in found)
    return [one for one in found if isinstance(one, Document)]


def place_of(person: Person) -> str | None:
    lat, lng = person.lat, person.lng
    if person.datum is Datum.GCJ02:
        lat, lng = gcj02_to_wgs84(lat, lng)
    county = county_at(REGIONS, lat, lng)
    return county.city if county else None


def test_every_document_phone_and_name_is_one_the_house_accepts() -> None:
    assert len(documents()) == len(PEOPLE)
    for person in PEOPLE:
        assert normalise_phone(person.phone) == person.phone
        assert normalise_name(DocumentKind.RESIDENT_ID, person.name) == person.name


def test_no_two_people_share_a_document_or_a_phone() -> None:
    assert len({one.number for one in documents()}) == len(PEOPLE)
    assert len({person.phone for person in PEOPLE}) == len(PEOPLE)


def test_people_stand_in_their_city_and_only_the_outsiders_stand_outside_hubei() -> None:
    for person in PEOPLE:
        is_outside = person.trouble is Trouble.OUTSIDE
        assert place_of(person) == (None if is_outside else person.city)
    assert {person.city for person in PEOPLE} == set(CITIES)


def test_only_who_is_meant_to_be_is_too_young() -> None:
    first_day = date(2026, 2, 2)
    for person, document in zip(PEOPLE, documents(), strict=True):
        age = document.age_on(first_day)
        assert age is not None
        assert (age < 14) == (person.trouble is Trouble.UNDER_AGE)
        assert age < 90


@pytest.mark.parametrize(
    ("trouble", "percent"),
    [
        (Trouble.NONE, 92.5),
        (Trouble.NO_CONSENT, 2),
        (Trouble.POOR_FIX, 1),
        (Trouble.OUTSIDE, 1),
        (Trouble.MOCKED, 1),
        (Trouble.UNDER_AGE, 0.5),
        (Trouble.FORGED_NAME, 1),
        (Trouble.SECOND_PHONE, 1),
    ],
)
def test_troubles_are_as_rare_as_they_are_meant_to_be(trouble: Trouble, percent: float) -> None:
    found = Counter(person.trouble for person in PEOPLE)[trouble] / len(PEOPLE) * 100
    assert found == pytest.approx(percent, rel=0.4)


def test_only_forged_names_hold_the_mark_the_authority_looks_for() -> None:
    forged = {person.number for person in PEOPLE if "伪" in person.name}
    assert forged == {one.number for one in PEOPLE if one.trouble is Trouble.FORGED_NAME}


def test_a_person_is_the_same_however_many_are_asked_for() -> None:
    assert make_people(REGIONS, 1, 300, first=201) == PEOPLE[200:300]
    assert make_people(REGIONS, 2, 3) != PEOPLE[:3]
