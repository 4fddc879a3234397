"""One person, one phone, one registration: whatever comes first, second or at the same moment."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace as changed

from huiquan.actions.register_consumer import RegistrationRequest, register_consumer
from huiquan.actions.send_sms_code import send_sms_code
from huiquan.actions.sign_in_consumer import sign_in_consumer
from huiquan.db.connection import Database
from huiquan.domain.campaigns import Campaign
from huiquan.domain.consents import ConsentKind
from huiquan.domain.coordinates import Datum
from huiquan.domain.people import DocumentKind, IdentityAnswer, normalise_document, person_key
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import Location
from huiquan.domain.registrants import Registrant
from tests.houses import WUHAN, House, Person, make_house, person, publish, request_key
from tests.tables import rows


def form(house: House, campaign: Campaign, who: Person, **changes: Any) -> RegistrationRequest:
    """A form that would be registered, with what a test wants otherwise."""
    lat, lng = changes.pop("at", WUHAN)
    fields: dict[str, Any] = {
        "campaign": campaign,
        "request_key": request_key(who),
        "phone": who.phone,
        "sms_code": house.sms.code_for(who.phone) if house.sms.sent else "000000",
        "name": who.name,
        "document_kind": DocumentKind.RESIDENT_ID,
        "document_number": who.number,
        "agreed": frozenset(ConsentKind),
        "agreed_version": "2026-01",
        "location": Location(
            lat=lat,
            lng=lng,
            accuracy_m=20,
            datum=Datum.WGS84,
            mocked=False,
            taken_at=house.clock.now,
        ),
        "device": who.device,
    }
    return RegistrationRequest(**{**fields, **changes})


async def ready(database: Database, *people: Person) -> tuple[House, Campaign]:
    """A house with a campaign, in which these people were sent their codes."""
    house = make_house(database)
    campaign = await publish(house)
    for phone in dict.fromkeys(who.phone for who in people):
        assert not isinstance(await send_sms_code(house.app, phone), Refusal)
    return house, campaign


async def count(house: House, table: str) -> int:
    async with house.app.db.reading() as tx:
        number: int = await tx.fetchval(f"select count(*) from {table}")
    return number


PLACES = rows("""
    place                   lat      lng      city
    Jianghan Road, Wuhan    30.5806  114.2867  420100
    Enshi                   30.272   109.488   422800
    Qianjiang               30.402   112.899   429005
    Shennongjia             31.745   110.676   429021
    Changsha                28.228   112.939   outside_area
    Xinyang                 32.147   114.091   outside_area
    the sea                 0        0         outside_area
""")


@pytest.mark.requirement("R1.1")
@pytest.mark.requirement("R3.3")
@pytest.mark.parametrize("case", PLACES, ids=lambda case: case["place"])
async def test_only_a_phone_in_hubei_registers_and_the_city_is_kept(
    database: Database, case: dict[str, str]
) -> None:
    house, campaign = await ready(database, person(1))
    request = form(house, campaign, person(1), at=(float(case["lat"]), float(case["lng"])))
    answer = await register_consumer(house.app, request)
    if isinstance(answer, Refusal):
        assert answer.value == case["city"]
        return
    async with house.app.db.reading() as tx:
        row = await tx.fetchrow("select city, evidence from registrations")
    assert row["city"] == case["city"]
    assert "lat" not in str(row["evidence"]), "the point itself is forgotten"


FORMS = rows("""
    what is wrong               field            value                refusal
    nothing                     -                -                    -
    no consent to location      agreed           identity             consent_missing
    an old notice               agreed_version   2025-11              consent_outdated
    no name                     name             -                    bad_name
    a NUL in the name           name             NUL                  bad_name
    a wrong check digit         document_number  420106199001010011   bad_document
    a child of ten              document_number  420106201601010013   under_age
    a landline                  phone            027-82345678         bad_phone
    a wrong code                sms_code         000000               sms_code_wrong
    a simulated place           mocked           -                    location_mocked
    a place of an hour ago      taken_at         -                    location_stale
    a place known to 3 km       accuracy_m       -                    location_inaccurate
""")


@pytest.mark.requirement("R1.1")
@pytest.mark.requirement("R2.1")
@pytest.mark.parametrize("case", FORMS, ids=lambda case: case["what is wrong"])
async def test_what_is_wrong_with_a_form_is_said_and_nothing_is_kept(
    database: Database, case: dict[str, str]
) -> None:
    house, campaign = await ready(database, person(1))
    request = form(house, campaign, person(1))
    where = {
        "mocked": {"mocked": True},
        "taken_at": {"taken_at": house.clock.now - timedelta(hours=1)},
        "accuracy_m": {"accuracy_m": 3000},
    }
    if case["field"] in where:
        request = replace(request, location=changed(request.location, **where[case["field"]]))
    elif case["field"]:
        value: Any = {"identity": frozenset({ConsentKind.IDENTITY}), "NUL": "李\0四"}.get(
            case["value"], case["value"]
        )
        request = replace(request, **{case["field"]: value})
    answer = await register_consumer(house.app, request)
    if case["refusal"]:
        assert answer is Refusal(case["refusal"])
        assert await count(house, "registrations") == 0
        assert house.identity.asked == [], "the authority is asked only of forms that hold"
    else:
        assert isinstance(answer, Registrant)
        assert await count(house, "consents") == 2


@pytest.mark.requirement("R3.4")
@pytest.mark.requirement("R1.1")
async def test_only_a_name_that_belongs_to_its_document_registers(database: Database) -> None:
    house, campaign = await ready(database, person(1))
    house.identity.answer = IdentityAnswer.MISMATCH
    request = form(house, campaign, person(1))
    assert await register_consumer(house.app, request) is Refusal.IDENTITY_MISMATCH
    house.identity.answer = IdentityAnswer.MATCH
    assert isinstance(await register_consumer(house.app, request), Registrant)


async def test_one_code_asks_the_authority_five_times_at_most(database: Database) -> None:
    house, campaign = await ready(database, person(1))
    house.identity.answer = IdentityAnswer.MISMATCH
    answers = [
        await register_consumer(house.app, form(house, campaign, person(1), name=name))
        for name in ("王一", "王二", "王三", "王四", "王五", "王六", "王七")
    ]
    assert Counter(answers) == {Refusal.IDENTITY_MISMATCH: 5, Refusal.SMS_CODE_EXPIRED: 2}
    assert len(house.identity.asked) == 5


@pytest.mark.requirement("R3.4")
async def test_nobody_registers_while_the_authority_is_away_and_the_code_stays_good(
    database: Database,
) -> None:
    house, campaign = await ready(database, person(1))
    request = form(house, campaign, person(1))
    house.identity.is_away = True
    assert await register_consumer(house.app, request) is Refusal.IDENTITY_UNAVAILABLE
    assert await count(house, "registrations") == 0
    house.identity.is_away = False
    assert isinstance(await register_consumer(house.app, request), Registrant)


async def test_wrong_codes_are_counted_although_they_are_refused(database: Database) -> None:
    house, campaign = await ready(database, person(1))
    right = form(house, campaign, person(1))
    wrong = replace(right, sms_code="000000")
    for _ in range(5):
        assert await register_consumer(house.app, wrong) is Refusal.SMS_CODE_WRONG
    assert await register_consumer(house.app, right) is Refusal.SMS_CODE_EXPIRED


async def test_the_same_request_again_gives_the_same_registration(database: Database) -> None:
    house, campaign = await ready(database, person(1))
    request = form(house, campaign, person(1))
    first = await register_consumer(house.app, request)
    house.clock.move(minutes=10)
    moved = replace(request, location=changed(request.location, taken_at=house.clock.now))
    assert await register_consumer(house.app, moved) == first
    other = replace(request, name="王五")
    assert await register_consumer(house.app, other) is Refusal.REQUEST_KEY_REUSED
    assert await count(house, "registrations") == 1


async def test_an_excluded_person_does_not_register(database: Database) -> None:
    house, campaign = await ready(database, person(1))
    document = normalise_document(DocumentKind.RESIDENT_ID, person(1).number)
    assert not isinstance(document, Refusal)
    async with house.app.db.transaction() as tx:
        await tx.execute(
            "insert into exclusions values ($1, $2, 'staff', $3)",
            campaign.campaign_id,
            person_key(house.app.keys.lookup, document),
            house.clock.now,
        )
    request = form(house, campaign, person(1))
    assert await register_consumer(house.app, request) is Refusal.EXCLUDED


async def test_nobody_registers_when_nobody_can_enter_any_more(database: Database) -> None:
    house, campaign = await ready(database, person(1))
    house.clock.move(days=60)
    await send_sms_code(house.app, person(1).phone)
    request = form(house, campaign, person(1))
    assert await register_consumer(house.app, request) is Refusal.CAMPAIGN_ENDED


# Two at once, ten times over, on connections of their own.
TURNS = 10


def tally(answers: list[Registrant | Refusal]) -> Counter[str]:
    return Counter(
        "registered" if isinstance(answer, Registrant) else answer.value for answer in answers
    )


@pytest.mark.requirement("R1.1")
@pytest.mark.requirement("R2.1")
async def test_of_one_person_with_two_phones_at_once_one_is_registered(database: Database) -> None:
    people = [person(n) for n in range(2 * TURNS)]
    house, campaign = await ready(database, *people)
    for first, second in zip(people[::2], people[1::2], strict=True):
        second = replace(second, number=first.number)
        answers = await asyncio.gather(
            *(register_consumer(house.app, form(house, campaign, who)) for who in (first, second))
        )
        assert tally(answers) == {"registered": 1, "already_registered": 1}
    assert await count(house, "registrations") == TURNS
    assert await count(house, "phones") == TURNS
    assert await count(house, "consents") == 2 * TURNS


@pytest.mark.requirement("R2.1")
async def test_of_two_persons_with_one_phone_at_once_one_is_registered(database: Database) -> None:
    people = [person(n) for n in range(2 * TURNS)]
    house, campaign = await ready(database, *people)
    for first, second in zip(people[::2], people[1::2], strict=True):
        second = replace(second, phone=first.phone)
        requests = [
            form(house, campaign, who, request_key=request_key(who, "2nd"))
            for who in (first, second)
        ]
        answers = await asyncio.gather(*(register_consumer(house.app, one) for one in requests))
        assert sum(isinstance(answer, Registrant) for answer in answers) == 1
        assert {"phone_in_use", "sms_code_expired"} & set(tally(answers))
    assert await count(house, "registrations") == TURNS


async def test_one_request_four_times_at_once_gives_one_registration(database: Database) -> None:
    people = [person(n) for n in range(TURNS)]
    house, campaign = await ready(database, *people)
    for who in people:
        request = form(house, campaign, who)
        answers = await asyncio.gather(*(register_consumer(house.app, request) for _ in range(4)))
        assert all(isinstance(answer, Registrant) for answer in answers), answers
        assert len({answer.pid for answer in answers if isinstance(answer, Registrant)}) == 1
    assert await count(house, "registrations") == TURNS


async def test_names_documents_and_phones_stand_nowhere_in_the_open(database: Database) -> None:
    house, campaign = await ready(database, person(1))
    await register_consumer(house.app, form(house, campaign, person(1)))
    async with house.app.db.reading() as tx:
        tables = [
            row[0]
            for row in await tx.fetch(
                "select table_name from information_schema.tables where table_schema = 'public'"
            )
        ]
        texts = [
            str(await tx.fetch(f"select t::text from {table} t"))
            for table in tables
            if not table.startswith(("_yoyo", "yoyo", "procrastinate"))
        ]
    dump = " ".join(texts)
    for secret in (person(1).number, person(1).phone, person(1).name):
        assert secret not in dump
        assert secret.encode().hex() not in dump


async def test_a_phone_signs_in_whoever_registered_with_it(database: Database) -> None:
    house, campaign = await ready(database, person(1), person(2))
    registered = await register_consumer(house.app, form(house, campaign, person(1)))
    house.clock.move(minutes=2)
    await send_sms_code(house.app, person(1).phone)
    code = house.sms.code_for(person(1).phone)
    spaced = f"+86 {person(1).phone}"
    assert await sign_in_consumer(house.app, campaign, spaced, code) == registered
    again = await sign_in_consumer(house.app, campaign, person(1).phone, code)
    assert again is Refusal.SMS_CODE_EXPIRED, "a code is good once"


async def test_a_code_that_met_no_registration_still_registers(database: Database) -> None:
    house, campaign = await ready(database, person(1))
    code = house.sms.code_for(person(1).phone)
    answer = await sign_in_consumer(house.app, campaign, person(1).phone, code)
    assert answer is Refusal.NOT_REGISTERED
    registered = await register_consumer(house.app, form(house, campaign, person(1)))
    assert isinstance(registered, Registrant)


async def test_a_code_follows_after_a_minute_and_at_once_when_none_went_out(
    database: Database,
) -> None:
    house = make_house(database)
    phone = person(1).phone
    assert not isinstance(await send_sms_code(house.app, phone), Refusal)
    house.clock.move(seconds=59)
    assert await send_sms_code(house.app, phone) is Refusal.SMS_TOO_SOON
    house.clock.move(seconds=1)
    house.sms.is_away = True
    assert await send_sms_code(house.app, phone) is Refusal.SMS_UNAVAILABLE
    house.sms.is_away = False
    assert not isinstance(await send_sms_code(house.app, phone), Refusal)


async def test_of_four_codes_asked_at_once_one_is_sent(database: Database) -> None:
    house = make_house(database)
    for n in range(TURNS):
        answers = await asyncio.gather(
            *(send_sms_code(house.app, person(n).phone) for _ in range(4))
        )
        assert sum(answer is Refusal.SMS_TOO_SOON for answer in answers) == 3, answers
    assert len(house.sms.sent) == TURNS
