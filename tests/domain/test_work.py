"""A proof of work opens the door for one person on one day, and for nobody else."""

import hashlib
import json
from base64 import b64decode, b64encode
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.days import SHANGHAI
from huiquan.domain.work import is_done, set_task
from tests.working import solve

NOW = datetime(2026, 2, 6, 10, tzinfo=SHANGHAI)
DAY, PID, KEY = 20260206, bytes(15) + b"\1", b"a key"
TASK = set_task(
    KEY, pid=PID, day=DAY, until=NOW + timedelta(minutes=10), most=300, randomness=b"random"
)
PROOF = solve(TASK)


def test_the_work_is_a_search_that_anyone_can_do_from_the_task_alone() -> None:
    task = json.loads(msgspec.json.encode(TASK))
    found = [
        number
        for number in range(task["maxnumber"] + 1)
        if hashlib.sha256(f"{task['salt']}{number}".encode()).hexdigest() == task["challenge"]
    ]
    assert json.loads(b64decode(PROOF))["number"] in found
    assert is_done(KEY, PROOF, pid=PID, day=DAY, now=NOW)


def changed(**fields: Any) -> str:
    return b64encode(json.dumps({**json.loads(b64decode(PROOF)), **fields}).encode()).decode()


NUMBER = json.loads(b64decode(PROOF))["number"]
OTHER = solve(
    set_task(b"other", pid=PID, day=DAY, until=NOW + timedelta(days=1), most=9, randomness=b"x")
)

FORGED: list[tuple[str, dict[str, Any]]] = [
    (PROOF, {"pid": bytes(16)}),
    (PROOF, {"day": DAY + 1}),
    (PROOF, {"now": NOW + timedelta(minutes=10)}),
    (changed(number=NUMBER + 1), {}),
    (changed(salt=TASK.salt.replace("expires=", "expires=9")), {}),
    (changed(algorithm="SHA-1"), {}),
    (changed(signature="00" * 32), {}),
    (changed(signature="é"), {}),
    (changed(challenge="é"), {}),
    (changed(number="1"), {}),
    (OTHER, {}),
    (b64encode(b"[]").decode(), {}),
    ("", {}),
    ("%", {}),
]


@pytest.mark.parametrize(("proof", "changes"), FORGED)
def test_what_was_not_done_for_this_person_day_and_hour_is_no_proof(
    proof: str, changes: dict[str, Any]
) -> None:
    asked = {"pid": PID, "day": DAY, "now": NOW, **changes}
    assert not is_done(KEY, proof, **asked)


def test_no_digit_of_the_number_can_be_lent_to_the_time() -> None:
    """Salt and number are hashed as one text: the time in the salt has an end of its own."""
    until = NOW + timedelta(minutes=10)
    task = set_task(KEY, pid=PID, day=DAY, until=until, most=5_000, randomness=b"three digits")
    told = json.loads(b64decode(solve(task)))
    digits = str(told["number"])
    assert len(digits) >= 3
    for lent in range(1, len(digits)):
        spliced = told | {"salt": told["salt"] + digits[:lent], "number": int(digits[lent:])}
        proof = b64encode(json.dumps(spliced).encode()).decode()
        for now in (NOW, until + timedelta(hours=1)):
            assert not is_done(KEY, proof, pid=PID, day=DAY, now=now)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: b64encode(raw).decode()))
def test_anything_else_is_no_proof_and_no_error(text: str) -> None:
    assert not is_done(KEY, text, pid=PID, day=DAY, now=NOW)


def test_a_task_without_a_fitting_number_is_said_to_be_one() -> None:
    with pytest.raises(ValueError, match="no number"):
        solve(msgspec.structs.replace(TASK, challenge="00" * 32))
