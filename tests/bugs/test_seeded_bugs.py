"""Each bug that is planted is caught, and by the guard that is named for it."""

import pytest

from huiquan.db.embedded import Embedded
from tests.bugs.bug import Bug, Drill
from tests.bugs.planted import BUGS, DRILLS, GUARDS, is_caught, page, played
from tests.tidy.source import ROOT


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.__name__)
async def test_a_drill_without_a_bug_finds_nothing(postgres: Embedded, drill: Drill) -> None:
    assert await played(postgres, drill) == set()


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name.replace(" ", "-"))
async def test_a_planted_bug_is_caught_by_its_guard(postgres: Embedded, bug: Bug) -> None:
    found = await played(postgres, bug.drill, bug)
    assert is_caught(bug, found), found


def test_there_are_forty_bugs_of_every_kind_and_none_twice() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 40
    assert {bug.caught_by.split(" ")[0] for bug in BUGS} == set(GUARDS)
    assert {bug.drill for bug in BUGS} == set(DRILLS)


def test_the_page_of_seeded_bugs_is_the_list() -> None:
    assert (ROOT / "docs/operating/seeded-bugs.md").read_text() == page()
