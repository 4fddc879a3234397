"""A tiny run through real processes: the crowd can draw, and everything is counted."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvloop

from bench import __main__ as table
from bench.arrivals import Seen, all_home, arrive
from bench.contenders import Running, running_ours
from bench.crowd import document_of
from bench.house import Prepared, prepared_house, running_house
from bench.load import has_wrk
from bench.runs import street
from huiquan.domain.people import DocumentKind, normalise_document
from simulation.household import command

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("bench")]

PEOPLE = 3000
FEW = 150


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench") / "home"


@pytest.fixture(scope="module")
def prepared(home: Path) -> Iterator[Prepared]:
    with prepared_house(home, PEOPLE, lambda _: None) as found:
        yield found


async def walk(running: Running, count: int, rate: float) -> Seen:
    """People of our own client enter and wait for their outcome."""
    people = running.taps.some(0, count)
    with street(running, most=50) as walked:
        under_way = await arrive(people, rate, count / rate + 1, walked.person, walked.seen)
        await all_home(under_way, 90, walked.seen)
        return walked.seen


def test_people_who_were_registered_in_bulk_draw_like_others(prepared: Prepared) -> None:
    with running_house(prepared) as house:
        running = running_ours(house)
        seen = uvloop.run(walk(running, FEW, 50.0))
        assert len(seen.told) == len(seen.known_s) == FEW, seen
        counted = running.count(FEW, 0)
        assert counted.wrong == ()
        assert counted.numbers["entries"] == FEW
        assert running.stored() == set(seen.told) == seen.asked
        everything = command(house.settings, "check")
        assert everything.returncode == 0, everything.stdout
        # Somebody holds a receipt whose entry is not there: the count says so.
        assert running.count(FEW + 1, 0).wrong == ("1 acknowledged entries are lost",)


@pytest.mark.skipif(not has_wrk(), reason="wrk is not installed")
def test_the_table_is_made_by_one_command(
    prepared: Prepared, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "prepared", _as_it_is(prepared))
    words = ["--rounds", "1", "--seconds", "1", "--connections", "4", "--only", "ours"]
    more = ["--people", str(PEOPLE), "--home", str(home), "--out", str(tmp_path), "--no-kills"]
    assert table.main([*words, *more]) == 0
    (path,) = tmp_path.glob("*.json")
    figures = json.loads(path.read_text())["figures"]
    assert [one["what"] for one in figures] == ["constant", "entries", "draws", "known"]
    assert all(one["wrong"] == [] for one in figures)


def _as_it_is(prepared: Prepared) -> object:
    class Same:
        def __init__(self, home: Path, people: int, busy: int = 0) -> None:
            assert people == prepared.people

        def __enter__(self) -> Prepared:
            return prepared

        def __exit__(self, *_: object) -> None:
            return None

    return Same


def test_every_document_of_the_crowd_is_one_of_its_own() -> None:
    numbers = [document_of(number).number for number in (*range(2000), 999_999, 9_999_999)]
    assert len(set(numbers)) == len(numbers)
    for number in numbers[:50]:
        read = normalise_document(DocumentKind.RESIDENT_ID, number)
        assert read == document_of(numbers.index(number))
