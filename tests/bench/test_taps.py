"""What the crowd sends: the same person always the same, nobody twice, and not without end."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.rush import Weather, enough, people_needed, weathers
from bench.rush import arguments as rush_arguments
from bench.storms import Crowd
from bench.taps import (
    HANDS,
    PERSON,
    CrowdTooSmallError,
    Taps,
    house_pass,
    people_file,
    where_of,
    write_homes,
)
from huiquan.domain.tokens import Claims, TokenKeys, read_token
from huiquan.gateways.keys import load_keys, make_keys

PEOPLE = 10
UNTIL = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    people = [PERSON.pack(number % 4, bytes([number]) * 16) for number in range(PEOPLE)]
    people_file(tmp_path).write_bytes(b"".join(people))
    write_homes(tmp_path, [where_of("30.5930000", "114.305000", 25)])
    return tmp_path


def taps_in(home: Path) -> Taps:
    return Taps(home=home, mint=lambda person: f"token{person.number}")


def test_the_same_person_always_sends_the_same(home: Path) -> None:
    taps = taps_in(home)
    assert list(taps.some(3, 4)) == list(taps.some(0, PEOPLE))[3:7]
    assert taps.people == PEOPLE


def test_a_tap_is_json_once_the_time_is_added(home: Path) -> None:
    (tap,) = taps_in(home).some(0, 1)
    body = json.loads(tap.body + '2026-02-06T10:30:00+08:00"}}')
    assert body["request_key"] == body["client_nonce"]
    assert body["location"]["lng"] == 114.305


def test_taps_are_dealt_so_that_nobody_taps_twice(home: Path) -> None:
    taps = taps_in(home)
    dealt = []
    for first, count in ((0, 4), (4, 6)):
        into = taps.deal(first, count)
        for hand in range(HANDS):
            dealt += Path(f"{into}-{hand}.txt").read_text().splitlines(keepends=True)
    assert sorted(dealt) == sorted(tap.line() for tap in taps.some(0, PEOPLE))
    assert len(set(dealt)) == PEOPLE


def test_the_pass_is_one_that_the_house_reads(home: Path, tmp_path: Path) -> None:
    make_keys(tmp_path / "keys", ("2026",), lambda count: b"k" * count)
    keys = load_keys(tmp_path / "keys")
    taps = Taps(home=home, mint=house_pass(keys, 1, UNTIL))
    tap = next(taps.some(5, 1))
    tokens = TokenKeys(newest=max(keys.token), keys=keys.token)
    claims = read_token(tokens, tap.token, UNTIL - timedelta(days=1))
    assert isinstance(claims, Claims)
    assert (claims.lane, claims.who) == (1, b"\x05" * 16)


class _Running:
    """As much of a running house as a crowd looks at."""

    def __init__(self, taps: Taps) -> None:
        self.taps = taps


def crowd_of(home: Path) -> Crowd:
    return Crowd(_Running(taps_in(home)), PEOPLE)  # type: ignore[arg-type]


def test_a_crowd_that_runs_out_is_said_before_anybody_comes(home: Path) -> None:
    crowd = crowd_of(home)
    assert len(list(crowd.some(7, "the first storm"))) == 7
    with pytest.raises(CrowdTooSmallError) as said:
        crowd.some(5, "the second storm")
    assert str(said.value) == (
        "the second storm needs 5 people who have not come yet, and 3 are left:"
        " take --people larger by at least 2"
    )
    assert len(list(crowd.some(3, "a smaller one"))) == 3
    with pytest.raises(CrowdTooSmallError):
        crowd.hands(1, "wrk")


def test_all_storms_are_added_up_before_the_first(home: Path) -> None:
    asked = rush_arguments(["--seconds", "60", "--times", "10"])
    every = weathers(asked)
    at_most = people_needed(1000.0, every)
    assert at_most > 60 * 10 * 1000
    with pytest.raises(CrowdTooSmallError, match="a capacity of 1,000 entries a second needs"):
        enough(crowd_of(home), 1000.0, asked)


def test_a_storm_needs_as_many_as_come(home: Path) -> None:
    one = Weather(name="x", times=2.0, seconds=3)
    assert people_needed(100.0, [one, one]) - people_needed(50.0, [one, one]) == 600
