""" "I looked my neighbour up in the winners' list." "Half of the winners do not exist."

The published entries carry pseudonyms. Whoever can guess them reads the whole town's luck; whoever
can invent them wins with people who were never born.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from huiquan.domain import lottery, rounds
from huiquan.domain.entering import Desk, judge_batch
from huiquan.domain.exclusions import exclusion_list, exclusion_list_hash
from huiquan.domain.ghosts import (
    BadPeopleError,
    NotOfTheDay,
    People,
    entries_in,
    find_ghosts,
    parse_people,
)
from huiquan.domain.people import (
    Document,
    DocumentKind,
    check_digit,
    normalise_document,
    person_key,
)
from huiquan.domain.refusals import Refusal
from huiquan.domain.verification_day import verify_day
from tests.domain.draw_days import DrawDay, a_drawn_day
from tests.domain.drawing import OPEN, campaign_in_force, pid, standing, tap

LOOKUP, CAMPAIGN_KEY = b"the lookup key of the house", b"the pseudonym key"
Pseudonym = Callable[[Document], bytes]


def citizens(county: str, born: str, count: int) -> Iterable[Document]:
    """Every citizen number of a county and a birthday: a neighbour's is soon found."""
    for number in range(count):
        first_17 = f"{county}{born}{number:03d}"
        document = normalise_document(DocumentKind.RESIDENT_ID, first_17 + check_digit(first_17))
        assert isinstance(document, Document)
        yield document


def plain_hash(document: Document) -> bytes:
    """The weak pseudonym: a hash that anybody can make."""
    return hashlib.sha256(document.number.encode()).digest()[:16]


def ours(document: Document) -> bytes:
    """Our pseudonym: two keys stand between the document and the entry."""
    return lottery.pid_of(CAMPAIGN_KEY, person_key(LOOKUP, document))


def guesses(document: Document) -> set[bytes]:
    """Every pseudonym a stranger can make from a document: without keys, or with guessed ones."""
    made = {plain_hash(document)}
    for key in (b"", bytes(32), b"huiquan", b"2026-mashangyouli",
                lottery.campaign_key_commitment(CAMPAIGN_KEY)):  # fmt: skip
        made.add(lottery.pid_of(key, person_key(key, document)))
        made.add(lottery.pid_of(key, document.number.encode()))
    return made


@pytest.mark.parametrize(("pseudonym", "is_found"), [(plain_hash, True), (ours, False)])
def test_a_neighbour_is_found_by_trying_only_where_a_pseudonym_is_a_plain_hash(
    pseudonym: Pseudonym, is_found: bool
) -> None:
    neighbour = list(citizens("420106", "19780215", 1000))[613]
    published = pseudonym(neighbour)
    tried = (one for one in citizens("420106", "19780215", 1000) if published in guesses(one))
    assert next(tried, None) == (neighbour if is_found else None)


def test_the_published_commitment_fixes_the_key_and_tells_nothing_of_it() -> None:
    """With another key the same people would have other pseudonyms: the key cannot be swapped."""
    published = lottery.campaign_key_commitment(CAMPAIGN_KEY)
    assert published != lottery.campaign_key_commitment(b"another key")
    assert CAMPAIGN_KEY not in published


# Ghosts.


def judged(standings: dict[bytes, object]) -> object:
    """What a lane's batch says to somebody of pseudonym 7."""
    desk = Desk(
        campaign=campaign_in_force(),
        lane=0,
        now=OPEN,
        next_idx=0,
        account=None,
        standings=standings,  # type: ignore[arg-type]
        salts_key=bytes(32),
    )
    (outcome,) = judge_batch(desk, [tap(7)]).outcomes
    return outcome


def test_a_ghost_enters_only_where_standings_are_made_up() -> None:
    """The weak house makes up a standing for whoever asks; ours knows registered people only."""
    assert not isinstance(judged({pid(7): standing(7)}), Refusal)
    assert isinstance(judged({}), Refusal)


def registered(day: DrawDay, count: int) -> list[bytes]:
    """The person keys of the first so many of the day's 160 people."""
    start = day.people - 160
    return [hashlib.sha256(b"person %d" % n).digest() for n in range(start, start + count)]


@pytest.mark.requirement("R5.1")
def test_ghosts_in_a_day_are_counted_by_the_auditor_who_holds_the_key() -> None:
    """The folder alone cannot tell (its verdict says so); the key with the register can."""
    day, files = a_drawn_day(people=160)
    assert verify_day(files).is_right
    runs = entries_in(files)
    everyone = registered(day, 160)

    def told(people: list[bytes], key: bytes = CAMPAIGN_KEY) -> object:
        return find_ghosts([day.config], runs, key, people)

    assert told(everyone, b"a key that is not the campaign's") is NotOfTheDay.OTHER_KEY
    whole, some = told(everyone), told(everyone[:150])
    assert isinstance(whole, People)
    assert isinstance(some, People)
    assert (whole.entries, whole.ghosts, whole.is_right) == (160, 0, True)
    assert (some.ghosts, some.is_right) == (10, False)
    pids = {lottery.pid_of(CAMPAIGN_KEY, person) for person in everyone[150:]}
    for place in some.ghost_places:
        run = rounds.split_entries(runs[place.lane])
        assert rounds.decode_entry(run[place.idx]).pid in pids


@pytest.mark.requirement("R5.1")
def test_excluded_people_in_a_day_are_found_with_the_list_that_its_config_names() -> None:
    """Another list than the one whose hash was published is refused: nobody is struck off it."""
    day, files = a_drawn_day(people=160)
    everyone, runs = registered(day, 160), entries_in(files)
    kept = exclusion_list([*everyone[3:5], bytes(32)])
    configs = [day.config, replace(day.config, exclusion_list_hash=exclusion_list_hash(kept))]
    told = find_ghosts(configs, runs, CAMPAIGN_KEY, everyone, kept)
    assert isinstance(told, People)
    assert (told.ghosts, told.excluded, told.is_excluded_known) == (0, 2, True)
    shorter = exclusion_list([bytes(32)])
    assert find_ghosts(configs, runs, CAMPAIGN_KEY, everyone, shorter) is NotOfTheDay.OTHER_LIST
    unasked = find_ghosts(configs, runs, CAMPAIGN_KEY, everyone)
    assert isinstance(unasked, People)
    assert (unasked.excluded, unasked.is_excluded_known) == (0, False)


@pytest.mark.parametrize(
    "raw", [b"x", b"00" * 32, b"%064d\n%064d\n" % (2, 1), b"%064d\n" % 1 * 2, b"AA" * 32 + b"\n"]
)
def test_a_list_of_people_has_one_form(raw: bytes) -> None:
    with pytest.raises(BadPeopleError):
        parse_people(raw)
    good = exclusion_list([bytes(32), b"\xff" * 32])
    assert parse_people(good) == (bytes(32), b"\xff" * 32)
