"""Nobody twice a day: the compact copy says what a plain set of everyone says.  当日去重"""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notary.book import Book, SignedRound
from notary.entrants import Entrants, Marks, marks_of

PLACE = ("campaign/platform", 0, 1)
DAY = 20260206


def pid(n: int) -> bytes:
    """The pseudonym of the n-th person."""
    return hashlib.sha256(b"%d" % n).digest()[:16]


def record(book: Book, seq: int, pids: list[bytes], day: int = DAY, lane: int = PLACE[2]) -> None:
    """Write a round of these people into the book."""
    row = SignedRound(
        series=PLACE[0],
        epoch=PLACE[1],
        lane=lane,
        seq=seq,
        seal_hash=hashlib.sha256(b"seal %d %d" % (lane, seq)).digest(),
        seal=b"",
        entries=None,
        other_pi=None,
        final=None,
        signed_ms=0,
    )
    book.record_round(row, day, b"".join(pids))


@settings(max_examples=80, deadline=None)
@given(rounds=st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=12), max_size=12))
def test_someone_is_found_twice_exactly_when_a_plain_set_finds_them(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[list[int]]
) -> None:
    book = Book(tmp_path_factory.mktemp("book") / "book.sqlite")
    entrants, known, seq = Entrants(book=book), set[bytes](), 0
    for people in rounds:
        pids = [pid(n) for n in people]
        expected = len(set(pids)) != len(pids) or bool(known & set(pids))
        assert entrants.is_anyone_twice(PLACE, DAY, pids) == expected
        if not expected:
            record(book, seq, pids)
            known |= set(pids)
            seq += 1
    book.close()


def test_two_people_who_share_eight_bytes_are_two_people(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.sqlite")
    entrants = Entrants(book=book)
    record(book, 0, [bytes(8) + b"1" * 8, b"x" * 8 + b"1" * 8])
    assert not entrants.is_anyone_twice(PLACE, DAY, [bytes(8) + b"2" * 8])
    assert not entrants.is_anyone_twice(PLACE, DAY, [b"x" * 8 + b"2" * 8])
    assert entrants.is_anyone_twice(PLACE, DAY, [b"x" * 8 + b"1" * 8])
    assert entrants.is_anyone_twice(PLACE, DAY, [bytes(8) + b"1" * 8])
    book.close()


def test_another_day_begins_with_nobody(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.sqlite")
    entrants = Entrants(book=book)
    record(book, 0, [pid(1)])
    assert entrants.is_anyone_twice(PLACE, DAY, [pid(1)])
    assert not entrants.is_anyone_twice(PLACE, DAY + 1, [pid(1)])
    record(book, 1, [pid(1)], day=DAY + 1)
    assert entrants.is_anyone_twice(PLACE, DAY + 1, [pid(1)])
    book.close()


def test_what_came_since_the_last_round_is_found_without_reading_the_day(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.sqlite")
    steps: list[int] = []
    for seq in range(400):
        for lane in range(4):
            record(book, seq, [pid(seq)], lane=lane)
        if seq in (9, 399):
            steps.append(0)

            def step() -> int:
                steps[-1] += 1
                return 0

            book._db.set_progress_handler(step, 1)
            assert book.pids_since(*PLACE, DAY, seq) == [(seq, pid(seq))]
            book._db.set_progress_handler(None, 0)
    first, last = steps
    assert 0 < last <= first + 5
    book.close()


def test_a_copy_that_was_dropped_is_read_again(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.sqlite")
    entrants = Entrants(book=book)
    record(book, 0, [pid(1)])
    assert entrants.is_anyone_twice(PLACE, DAY, [pid(1)])
    entrants.forget()
    assert entrants.is_anyone_twice(PLACE, DAY, [pid(1)])
    book.close()


def test_half_a_million_people_take_less_than_25_bytes_each() -> None:
    marks = Marks()
    everyone = np.random.default_rng(1).integers(1, 2**64, size=500_000, dtype=np.uint64)
    for at in range(0, len(everyone), 1000):
        some = everyone[at : at + 1000]
        assert not marks.may_hold_any(some)
        marks.add(some)
        assert marks.may_hold_any(some[-1:])
    assert marks.size_bytes <= 24 * len(everyone) + 1
    assert all(marks.may_hold_any(everyone[at : at + 1]) for at in range(0, len(everyone), 997))


def test_marks_chosen_to_crowd_are_still_all_found() -> None:
    marks = Marks()
    crowd = (np.arange(1, 5001, dtype=np.uint64)) << np.uint64(40)
    marks.add(crowd)
    assert all(marks.may_hold_any(crowd[at : at + 1]) for at in range(len(crowd)))
    assert not marks.may_hold_any(crowd + np.uint64(1))


def test_nobody_makes_no_mark() -> None:
    assert len(marks_of(b"")) == 0
