"""Two thousand wrong messages at every door; `make storm` throws a hundred thousand."""

import asyncio
from pathlib import Path

import pytest

from huiquan.db.embedded import Embedded
from tests.fuzz.storm import storm

REQUESTS = 2_000


@pytest.mark.requirement("R4.1")
def test_wrong_messages_get_a_reason_and_change_nothing(postgres: Embedded, tmp_path: Path) -> None:
    made = asyncio.run(storm(postgres, tmp_path, REQUESTS, seed=1))
    assert made.wrong == []
    assert sum(made.statuses.values()) == REQUESTS
    assert {one.split()[0] for one in made.statuses} == {"house", "notary", "auditor"}
