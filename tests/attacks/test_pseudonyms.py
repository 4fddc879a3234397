""" "I looked my neighbour up in the winners' list." "Half of the winners do not exist."

The published entries carry pseudonyms. Whoever can guess them reads the whole town's luck; whoever
can invent them wins with people who were never born.
"""

import hashlib
from collections.abc import Callable, Iterable

import pytest

from huiquan.domain import lottery
from huiquan.domain.entering import Desk, judge_batch
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


def ghosts(day: DrawDay, files: dict[str, bytes], campaign_key: bytes, registered: int) -> int:
    """What the auditor does with the sealed copy of the key: who in the entries is nobody?"""
    start = day.people - 160
    people = (hashlib.sha256(b"person %d" % n).digest() for n in range(start, start + registered))
    known = {lottery.pid_of(campaign_key, person) for person in people}
    listed = [raw for path, raw in files.items() if path.startswith("entries/")]
    pids = {raw[at + 16 : at + 32] for raw in listed for at in range(0, len(raw), 80)}
    return len(pids - known)


@pytest.mark.requirement("R5.1")
def test_ghosts_in_a_day_are_counted_by_the_auditor_who_holds_the_key() -> None:
    """The folder alone cannot tell (its verdict says so); the key with the register can."""
    day, files = a_drawn_day(people=160)
    assert verify_day(files).is_right
    assert ghosts(day, files, b"a key that is not the campaign's", 160) == 160
    assert ghosts(day, files, CAMPAIGN_KEY, 160) == 0
    assert ghosts(day, files, CAMPAIGN_KEY, 150) == 10
