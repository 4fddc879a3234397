"""The acquirer's door takes whatever a machine sends: a reason, and nothing is changed.  F20

Broken JSON, wrong fields, forged and stale signatures, numbers of nobody, codes of nobody. What may
be kept of a signed message is its nonce; no message among these may change another table.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huiquan.db.embedded import Embedded, create_database
from huiquan.domain.acquirer_errors import ADVICE
from tests.acquirers import Machine, machine
from tests.conftest import TEMPLATE
from tests.fuzz.standing import Standing, standing_house

EXAMPLES = 400
BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
WAYS = ("quote", "locks", "redemptions", "unlocks", "refunds")
ASKED = ("orders", "payments", "refunds", "bills")
FIELDS = (
    *("order_ref", "payment_ref", "refund_ref", "store", "terminal", "code", "order_fen"),
    *("offers", "paid_fen", "paid_by", "amount_fen", "funder", "name"),
)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=80)
    | st.sampled_from(
        ["jianghan", "o-1", "123456789012", "HQ1:000000000000", "holder", "\x00", "💰", "-1"]
    )
)
ANYTHING = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), inner, max_size=8)
    ),
    max_leaves=12,
)
# Nearly right: every field of every message, each with a value that may fit.
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "order_ref": st.sampled_from(["o-1", "ö", "", "x" * 65]),
        "payment_ref": st.sampled_from(["p-1", "p 1", "p-1\n"]),
        "refund_ref": st.sampled_from(["f-1", "f-1\n", "\n"]),
        "store": st.sampled_from(["jianghan", "nowhere", "", "\x00"]),
        "terminal": st.sampled_from(["", "T1", "T 1"]),
        "code": st.sampled_from(["123456789012", "", "HQ1:1", "１２３４５６７８９０１２"]),
        "order_fen": st.integers(-1, 2**53) | st.sampled_from([100_000, 1.5, "100000"]),
        "paid_fen": st.sampled_from([0, 80_000, -1]),
        "amount_fen": st.sampled_from([0, 1, 2**53]),
        "paid_by": st.sampled_from(["holder", "nobody"]),
        "offers": st.just([]) | st.lists(ANYTHING, max_size=2),
    },
)
BODY = st.binary(max_size=60) | (ANYTHING | NEARLY).map(lambda one: json.dumps(one).encode())
IN_PATH = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=70)


@dataclass(frozen=True, kw_only=True)
class Thrown:
    """A house with an acquirer, and what stood in its tables before anything was thrown."""

    standing: Standing
    at: Machine
    before: dict[str, int]


@pytest.fixture(scope="module")
def thrown(postgres: Embedded) -> Iterator[Thrown]:
    with standing_house(create_database(postgres, "acquirer", template=TEMPLATE)) as standing:
        at = standing.run(machine(standing.house))
        yield Thrown(standing=standing, at=at, before=standing.run(_rows(standing)))


async def _rows(standing: Standing) -> dict[str, int]:
    """The rows of every table but the nonces and the counters of what was refused."""
    async with standing.house.app.db.reading() as tx:
        names = await tx.fetch(
            """
            select relname as name
              from pg_stat_user_tables
             where schemaname = 'public'
               and relname not like 'procrastinate%'
               and relname not in ('refusal_counts', 'acquirer_nonces')
               and has_table_privilege(relid, 'select')
            """
        )
        return {
            row["name"]: await tx.fetchval(f'select count(*) from "{row["name"]}"') for row in names
        }


def _closes_an_order(way: str, body: bytes) -> bool:
    """The one message among these that is right: an order nobody knows may be closed."""
    try:
        told: Any = json.loads(body)
    except ValueError:
        return False
    return (
        way == "unlocks"
        and isinstance(told, dict)
        and set(told) == {"order_ref"}
        and isinstance(told["order_ref"], str)
        and re.fullmatch(r"[A-Za-z0-9._-]{1,64}", told["order_ref"]) is not None
    )


KNOWN = {one.code.value for one in ADVICE}


@BOUNDED
@given(way=st.sampled_from(WAYS), body=BODY, is_signed=st.booleans())
def test_whatever_is_posted_gets_a_reason_from_the_table_and_changes_nothing(
    thrown: Thrown, way: str, body: bytes, is_signed: bool
) -> None:
    if _closes_an_order(way, body):
        return
    target = f"/acquirer/v1/{way}"
    headers = thrown.at.headers("POST", target, body)
    if not is_signed:
        headers["Huiquan-Nonce"] += "0"
    answer = thrown.standing.ask("POST", target, content=body, headers=headers)
    assert 400 <= answer.status_code < 500, (body, answer.text)
    assert answer.json()["code"] in KNOWN, (body, answer.text)


@BOUNDED
@given(
    what=st.sampled_from(ASKED),
    name=IN_PATH,
    headers=st.dictionaries(
        st.sampled_from(
            ["Huiquan-Key", "Huiquan-Time", "Huiquan-Nonce", "Huiquan-Signature", "Content-Type"]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=90),
    ),
    is_signed=st.booleans(),
)
def test_whatever_is_asked_gets_an_answer(
    thrown: Thrown, what: str, name: str, headers: dict[str, str], is_signed: bool
) -> None:
    target = f"/acquirer/v1/{what}/{name}"
    signed = thrown.at.headers("GET", target.partition("#")[0], b"") if is_signed else {}
    answer = thrown.standing.ask(
        "GET", target, headers={**signed, **({} if is_signed else headers)}
    )
    assert answer.status_code < 500, (target, answer.text)
    if answer.status_code >= 400:
        assert answer.json()["code"] in KNOWN, (target, answer.text)


def test_nothing_was_changed_by_all_of_it(thrown: Thrown) -> None:
    assert thrown.standing.run(_rows(thrown.standing)) == thrown.before
