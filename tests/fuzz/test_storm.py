"""Two thousand wrong messages at every door; `make storm` throws a hundred thousand."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from huiquan.db.embedded import Embedded
from tests.fuzz.storm import storm
from tests.fuzz.throwing import Message, flaw_in, is_same
from tests.tables import rows

REQUESTS = 2_000


@pytest.mark.requirement("R4.1")
def test_wrong_messages_get_a_reason_and_change_nothing(postgres: Embedded, tmp_path: Path) -> None:
    made = asyncio.run(storm(postgres, tmp_path, REQUESTS, seed=1))
    assert made.wrong == []
    assert sum(made.statuses.values()) == REQUESTS
    assert {one.split()[0] for one in made.statuses} == {"house", "notary", "auditor"}


def message(method: str = "POST", **changes: Any) -> Message:
    return Message(**{"method": method, "target": "/x", "headers": [], "body": b"", **changes})


REASON = b'{"code": "malformed"}'
ANSWERS = rows("""
    answer                      status  what is wrong
    a refusal                   400     -
    a refusal without a reason  400     answered 400 without a reason
    a reason of nobody's        400     answered 400 with no reason of ours
    something was done          201     was taken (201)
    a stranger was refused      401     -
    a stranger was told         200     told a stranger (200)
    a fault                     503     answered 503
""")


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row["answer"])
def test_a_storm_knows_a_wrong_answer(row: dict[str, str]) -> None:
    body = {"a refusal without a reason": b"no", "a reason of nobody's": b'{"code": "why"}'}
    asks = "told" in row["answer"]
    asked = message("GET" if asks else "POST", is_a_stranger="stranger" in row["answer"])
    said = body.get(row["answer"], REASON)
    flaw = flaw_in(asked, int(row["status"]), said, writes=not asks)
    assert (flaw or "") == row["what is wrong"]


SAME = rows("""
    right        given        same
    Bearer abc   bearer abc   yes
    Bearer abc   Bearer abd   no
    Bearer abc   Bearer ab    no
    QUFB         QUFB         yes
    QUE=         QUF=         yes
    QUFB         QUFC         no
    wepay-1      wepay-2      no
""")


@pytest.mark.parametrize("row", SAME, ids=lambda row: f"{row['right']} {row['given']}")
def test_another_spelling_of_a_pass_is_no_strangers(row: dict[str, str]) -> None:
    found = is_same(row["right"].encode(), row["given"].encode())
    assert found == (row["same"] == "yes")
