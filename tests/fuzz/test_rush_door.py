"""The rush door takes whatever the internet sends: it gives a reason, and nothing is changed.  F20

Raw bytes, broken JSON, wrong places, stolen and made-up passes. Only a right message of a person
who has not entered yet may change a table, and no such message is among these.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from huiquan.db.embedded import Embedded, create_database
from huiquan.domain.refusals import Refusal
from huiquan.web.rush_refusals import PATH
from tests.conftest import TEMPLATE
from tests.fuzz.standing import Standing, standing_house
from tests.houses import location

EXAMPLES = 120
BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
RECEIPT = {"day", "lane", "idx", "entry", "cfg_hash", "entered_at", "promise", "signature"}

# Any JSON at all, with the names of the fields among its keys.
FIELDS = ("request_key", "client_nonce", "pack", "location", "lat", "lng", "datum", "taken_at")
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from(["0" * 32, "wgs84", "2026-02-06T10:30:00+08:00", "\x00", "9999-12-31"])
)
ANYTHING = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=12,
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [b"authorization", b"content-type", b"content-length", b"transfer-encoding", b"x-a"]
        ),
        st.binary(max_size=80),
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def standing(postgres: Embedded) -> Iterator[Standing]:
    """A house in which the person who knocks has entered today already."""
    with standing_house(create_database(postgres, "rush", template=TEMPLATE)) as opened:
        yield opened


@pytest.fixture(scope="module")
def before(standing: Standing) -> dict[str, int]:
    """How much stood in the tables before anything was thrown."""
    return standing.run(_rows(standing))


async def _rows(standing: Standing) -> dict[str, int]:
    """The rows of every table but the counters of what was refused."""
    async with standing.house.app.db.reading() as tx:
        names = await tx.fetch(
            """
            select relname as name
              from pg_stat_user_tables
             where schemaname = 'public'
               and relname not like 'procrastinate%'
               and relname not in ('refusal_counts')
               and has_table_privilege(relid, 'select')
            """
        )
        return {
            row["name"]: await tx.fetchval(f'select count(*) from "{row["name"]}"') for row in names
        }


def right_body(standing: Standing, **changes: Any) -> dict[str, Any]:
    """A message that would be right, were it the first of the day."""
    return {
        "request_key": "fuzz-request-key",
        "client_nonce": "0123456789abcdef" * 2,
        "pack": 3,
        "location": location(standing.house),
        **changes,
    }


def knock(standing: Standing, content: bytes, headers: Any) -> None:
    """Knock once, and expect a reason."""
    answer = standing.run(_post(standing, content, headers))
    status, body = answer
    assert 400 <= status < 500, (status, body, content[:100])
    told = json.loads(body)
    assert set(told) == {"code", "zh", "en", "detail"}
    assert Refusal(told["code"]).status == status


async def _post(standing: Standing, content: bytes, headers: Any) -> tuple[int, bytes]:
    """The bare ASGI message: no client puts anything right on the way."""
    sent: list[dict[str, Any]] = []
    parts = [content[:10], content[10:]]

    async def receive() -> dict[str, Any]:
        part = parts.pop(0) if parts else b""
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    scope = {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "headers": list(headers),
        "client": ("192.0.2.1", 1),
    }
    await standing.front(scope, receive, send)
    start, *rest = sent
    assert start["type"] == "http.response.start"
    return int(start["status"]), b"".join(part["body"] for part in rest)


def own_pass(standing: Standing) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", standing.known.consumer["Authorization"].encode())]


@BOUNDED
@given(content=st.binary(max_size=6000))
@example(content=b"")
@example(content=b"[" * 4000)
@example(content=b'{"a":' * 800)
@example(content=b'"\xed\xa0\x80"')
@example(content=b"{" + b" " * 5000 + b"}")
def test_any_bytes_get_a_reason(standing: Standing, before: dict[str, int], content: bytes) -> None:
    knock(standing, content, own_pass(standing))
    assert standing.run(_rows(standing)) == before


@BOUNDED
@given(content=ANYTHING)
def test_any_json_gets_a_reason(standing: Standing, before: dict[str, int], content: Any) -> None:
    knock(standing, json.dumps(content).encode("utf-8", "surrogatepass"), own_pass(standing))
    assert standing.run(_rows(standing)) == before


@BOUNDED
@given(field=st.sampled_from(["request_key", "client_nonce", "pack", "location"]), value=ANYTHING)
def test_a_right_message_with_one_wrong_field_gets_a_reason(
    standing: Standing, before: dict[str, int], field: str, value: Any
) -> None:
    body = right_body(standing, **{field: value})
    knock(standing, json.dumps(body).encode("utf-8", "surrogatepass"), own_pass(standing))
    assert standing.run(_rows(standing)) == before


@BOUNDED
@given(
    field=st.sampled_from(["lat", "lng", "accuracy_m", "datum", "mocked", "taken_at"]),
    value=PLAIN,
)
def test_any_place_gets_a_reason(
    standing: Standing, before: dict[str, int], field: str, value: Any
) -> None:
    place = {**location(standing.house), field: value}
    body = right_body(standing, location=place)
    knock(standing, json.dumps(body).encode("utf-8", "surrogatepass"), own_pass(standing))
    assert standing.run(_rows(standing)) == before


@BOUNDED
@given(headers=HEADERS)
def test_any_headers_get_a_reason(
    standing: Standing, before: dict[str, int], headers: list[tuple[bytes, bytes]]
) -> None:
    knock(standing, json.dumps(right_body(standing)).encode(), headers)
    assert standing.run(_rows(standing)) == before


@BOUNDED
@given(place=st.integers(0, 71), flip=st.integers(1, 255), cut=st.integers(0, 96))
def test_a_pass_with_one_letter_changed_opens_nothing(
    standing: Standing, before: dict[str, int], place: int, flip: int, cut: int
) -> None:
    text = bytearray(standing.known.consumer["Authorization"].removeprefix("Bearer ").encode())
    text[place % len(text)] ^= flip
    shortened = bytes(text) if cut % 2 else bytes(text)[:cut]
    headers = [(b"authorization", b"Bearer " + shortened)]
    status, _ = standing.run(_post(standing, json.dumps(right_body(standing)).encode(), headers))
    assert status == 401
    assert standing.run(_rows(standing)) == before


def test_the_passes_of_other_doors_open_nothing(standing: Standing, before: dict[str, int]) -> None:
    for known in (standing.known.cashier, standing.known.official):
        headers = [(b"authorization", known["Authorization"].encode())]
        content = json.dumps(right_body(standing)).encode()
        status, body = standing.run(_post(standing, content, headers))
        assert (status, json.loads(body)["code"]) == (403, "forbidden")
    assert standing.run(_rows(standing)) == before


def test_the_right_message_of_somebody_new_is_the_one_that_enters(standing: Standing) -> None:
    """The counter-check: what was thrown above was one field away from a receipt."""
    content = json.dumps(right_body(standing)).encode()
    headers = [(b"authorization", standing.known.newcomer["Authorization"].encode())]
    status, body = standing.run(_post(standing, content, headers))
    assert status == 200, body
    assert set(json.loads(body)) >= RECEIPT
