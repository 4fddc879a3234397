"""People: one person is one person, however the document is written."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from huiquan.domain.people import (
    Document,
    DocumentKind,
    check_digit,
    normalise_document,
    normalise_name,
    person_key,
)
from huiquan.domain.refusals import Refusal
from tests.tables import rows

KEY = bytes(range(32))

DOCUMENTS = rows("""
    kind               written                  number              born
    resident_id        11010519491231002X       11010519491231002X  1949-12-31
    resident_id        11010519491231002x       11010519491231002X  1949-12-31
    resident_id        110105 19491231 002x     11010519491231002X  1949-12-31
    resident_id        110105-19491231-002X     11010519491231002X  1949-12-31
    resident_id        １１０１０５１９４９１２３１００２Ｘ    11010519491231002X  1949-12-31
    resident_id        11010519491231002Ⅹ       11010519491231002X  1949-12-31
    resident_id        810000199408230021       810000199408230021  1994-08-23
    hk_macau_permit    810000199408230021       810000199408230021  1994-08-23
    resident_id        830000199201300022       830000199201300022  1992-01-30
    hk_macau_permit    h1234 5678               H12345678           -
    hk_macau_permit    Ｍ１２３４５６７８                M12345678           -
    taiwan_permit      1234-5678                12345678            -
    foreign_permanent  gbr 1101 910101 05       GBR110191010105     -
    foreign_permanent  can310061120102          CAN310061120102     -
    passport           e-12345678               E12345678           -
    passport           ab123                    AB123               -
""")

NOT_DOCUMENTS = rows("""
    kind               written               why
    resident_id        110105194912310021    wrong check digit
    resident_id        110105194911310028    31 November is no day
    resident_id        110105194902290029    29 February 1949 is no day
    resident_id        911840198801150019    wrong check digit of a foreign card
    resident_id        170105194912310020    17 is no province
    resident_id        110105491231002       first-generation card, void since 2013
    resident_id        X1010519491231002X    a letter in front
    resident_id        1101051949123100٢X    a digit that is not one of ours
    resident_id        -                     nothing
    hk_macau_permit    A12345678             neither H nor M
    hk_macau_permit    H1234567              a digit short
    taiwan_permit      123456789             a digit long
    foreign_permanent  GB1101910101005       two letters
    passport           AB12                  four characters
    passport           ABCDEFGHIJKLMNOP12Ü   nineteen, and a foreign letter
    passport           护照12345678            Chinese characters
""")


def citizen_number(first_17: str) -> str:
    """The second count: the sum itself must be 1 modulo 11 (ISO 7064 MOD 11-2)."""
    for last in "0123456789X":
        values = [10 if each == "X" else int(each) for each in first_17 + last]
        if sum(value * pow(2, 17 - at, 11) for at, value in enumerate(values)) % 11 == 1:
            return first_17 + last
    raise AssertionError("one of eleven always fits")


citizens = st.builds(
    lambda place, born, turn: citizen_number(f"{place}{born:%Y%m%d}{turn:03}"),
    st.sampled_from(["110105", "420102", "422823", "429021", "650100", "810000", "420400"]),
    st.dates(date(1900, 1, 1), date(2025, 12, 31)),
    st.integers(0, 999),
)


@st.composite
def spellings(draw: st.DrawFn, number: str) -> str:
    """A number as somebody might type it: wide or narrow, small or capital, with gaps."""
    gaps = st.sampled_from(["", "", "", " ", "-", "\u3000", "—", "\t", "\u200b", "\u00a0", "_"])
    shapes: st.SearchStrategy[Callable[[str], str]] = st.sampled_from(
        [str, str.lower, lambda each: chr(ord(each) + 0xFEE0)]
    )
    return "".join(draw(gaps) + draw(shapes)(each) + draw(gaps) for each in number)


@pytest.mark.requirement("R1.1")
@pytest.mark.parametrize("case", DOCUMENTS, ids=lambda case: case["written"])
def test_a_document_is_read_as_people_write_it(case: dict[str, str]) -> None:
    born = date.fromisoformat(case["born"]) if case["born"] else None
    document = normalise_document(DocumentKind(case["kind"]), case["written"])
    assert isinstance(document, Document)
    assert (document.number, document.birth_date) == (case["number"], born)


@pytest.mark.parametrize("case", NOT_DOCUMENTS, ids=lambda case: case["why"])
def test_what_is_no_document_is_refused(case: dict[str, str]) -> None:
    outcome = normalise_document(DocumentKind(case["kind"]), case["written"])
    assert outcome is Refusal.BAD_DOCUMENT


@given(citizens, st.data())
def test_any_spelling_of_a_number_gives_the_same_person(number: str, data: st.DataObject) -> None:
    plain = normalise_document(DocumentKind.RESIDENT_ID, number)
    typed = normalise_document(
        data.draw(st.sampled_from(DocumentKind)), data.draw(spellings(number))
    )
    assert isinstance(plain, Document)
    assert isinstance(typed, Document)
    assert person_key(KEY, typed) == person_key(KEY, plain)


@given(citizens, citizens)
def test_two_numbers_are_two_persons(one: str, other: str) -> None:
    first = normalise_document(DocumentKind.RESIDENT_ID, one)
    second = normalise_document(DocumentKind.RESIDENT_ID, other)
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert (person_key(KEY, first) == person_key(KEY, second)) == (one == other)


@given(citizens, st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_noticed(number: str, at: int, digit: str) -> None:
    wrong = number[:at] + digit + number[at + 1 :]
    outcome = normalise_document(DocumentKind.RESIDENT_ID, wrong)
    assert isinstance(outcome, Document) == (wrong == number)


@given(citizens)
def test_the_check_digit_agrees_with_the_standard_congruence(number: str) -> None:
    assert check_digit(number[:17]) == number[17]


@given(citizens)
def test_a_citizen_of_an_abolished_county_is_still_a_citizen(number: str) -> None:
    assert isinstance(normalise_document(DocumentKind.RESIDENT_ID, number), Document)


def test_the_new_foreign_card_begins_with_nine_and_tells_the_birth_date() -> None:
    number = citizen_number("91184019880115001")
    for kind in DocumentKind:
        document = normalise_document(kind, number)
        assert document == Document(
            kind=DocumentKind.FOREIGN_PERMANENT, number=number, birth_date=date(1988, 1, 15)
        )


def test_the_same_digits_on_two_kinds_of_document_are_two_persons() -> None:
    permit = normalise_document(DocumentKind.TAIWAN_PERMIT, "12345678")
    passport = normalise_document(DocumentKind.PASSPORT, "12345678")
    assert isinstance(permit, Document)
    assert isinstance(passport, Document)
    assert person_key(KEY, permit) != person_key(KEY, passport)


def test_without_the_key_nobody_finds_the_person() -> None:
    document = normalise_document(DocumentKind.PASSPORT, "E12345678")
    assert isinstance(document, Document)
    assert person_key(KEY, document) != person_key(KEY[::-1], document)
    assert len(person_key(KEY, document)) == 32


AGES = rows("""
    born        day         age
    2008-02-06  2026-02-05  17
    2008-02-06  2026-02-06  18
    2008-02-29  2026-02-28  17
    2008-02-29  2026-03-01  18
    1900-01-01  2026-01-01  126
    2026-02-07  2026-02-06  -1
""")


@pytest.mark.parametrize("case", AGES, ids=lambda case: " ".join(case.values()))
def test_a_year_of_life_is_complete_on_the_birthday(case: dict[str, str]) -> None:
    document = Document(
        kind=DocumentKind.RESIDENT_ID, number="", birth_date=date.fromisoformat(case["born"])
    )
    assert document.age_on(date.fromisoformat(case["day"])) == int(case["age"])


def test_a_passport_does_not_tell_the_age() -> None:
    document = Document(kind=DocumentKind.PASSPORT, number="E12345678", birth_date=None)
    assert document.age_on(date(2026, 2, 6)) is None


NAMES = rows("""
    kind               written              name
    resident_id        李四                   李四
    resident_id        李 四                  李四
    resident_id        欧阳 小 明               欧阳小明
    resident_id        买买提·阿卜杜拉             买买提·阿卜杜拉
    resident_id        买买提•阿卜杜拉             买买提·阿卜杜拉
    resident_id        买买提・阿卜杜拉             买买提·阿卜杜拉
    resident_id        买买提‧阿卜杜拉             买买提·阿卜杜拉
    resident_id        买买提 . 阿卜杜拉           买买提·阿卜杜拉
    resident_id        𬭳𫖮                   𬭳𫖮
    resident_id        〇一                   〇一
    resident_id        李                    bad_name
    resident_id        ·李四                  bad_name
    resident_id        李··四                 bad_name
    resident_id        李4                   bad_name
    resident_id        John Smith           bad_name
    passport           John Smith           JOHN SMITH
    passport           ＪＯＨＮ Smith           JOHN SMITH
    passport           Seán O’Brien-Smith   SEÁN O'BRIEN-SMITH
    passport           J0hn Smith           bad_name
    passport           Иван Петров          bad_name
    passport           --                   bad_name
    foreign_permanent  De La Cruz, Juan     DE LA CRUZ, JUAN
    hk_macau_permit    陈大文                  陈大文
""")


@pytest.mark.parametrize("case", NAMES, ids=lambda case: case["written"])
def test_a_name_is_read_as_it_stands_on_the_document(case: dict[str, str]) -> None:
    assert normalise_name(DocumentKind(case["kind"]), case["written"]) == case["name"]


def test_a_name_has_at_most_thirty_characters() -> None:
    assert normalise_name(DocumentKind.RESIDENT_ID, "李" * 30) == "李" * 30
    assert normalise_name(DocumentKind.RESIDENT_ID, "李" * 31) is Refusal.BAD_NAME
    assert normalise_name(DocumentKind.PASSPORT, "A" * 61) is Refusal.BAD_NAME


@given(st.sampled_from(DocumentKind), st.text(max_size=40))
@example(DocumentKind.PASSPORT, "ﬁ")
def test_reading_twice_changes_nothing_and_nothing_breaks_the_reader(
    kind: DocumentKind, text: str
) -> None:
    name = normalise_name(kind, text)
    if not isinstance(name, Refusal):
        assert normalise_name(kind, name) == name
    document = normalise_document(kind, text)
    if isinstance(document, Document):
        assert normalise_document(document.kind, document.number) == document
