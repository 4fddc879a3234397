"""The table of errors is one: data, endpoint and page say the same."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from huiquan.domain.acquirer_errors import ADVICE, Retry
from huiquan.domain.refusals import Refusal
from tests.acquirer.documents import PAGE, error_table, sandbox_table
from tests.houses import make_house, visit
from tests.tidy.source import ROOT, tree_of

DOORS = ("huiquan/web/acquirer", "huiquan/web/orders")
EVERY_DOOR = ("answers", "campaign_cache", "limits", "standing")
# Said in a file that the signed doors use, and never to one of their callers.
TO_OTHERS = {
    Refusal.BAD_CALLBACK: "whoever adds an acquirer",
    Refusal.BAD_KEY: "whoever registers a key",
    Refusal.UNKNOWN_ACQUIRER: "the operator who asks for a bill",
    Refusal.UNAUTHENTICATED: "a cashier, a consumer or an official",
    Refusal.UNKNOWN_LOCK: "the cashier's page: here a lock has an order's number",
    Refusal.UNKNOWN_REDEMPTION: "the cashier's page: here a redemption has a payment's number",
    Refusal.CASE_CLOSED: "an official",
    Refusal.SAME_PERSON: "an official",
    Refusal.FUND_TOO_SMALL: "whoever releases a day",
}


def _used(path: Path) -> Iterator[Path]:
    """The files of the house that a file imports."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = (node.module, *(f"{node.module}.{one.name}" for one in node.names))
            files = (ROOT / f"{name.replace('.', '/')}.py" for name in names)
            yield from (one for one in files if one.exists())


def _of(paths: set[Path], *rooms: str) -> set[Path]:
    return {
        one for one in paths if one.relative_to(ROOT).parts[:2] in {("huiquan", r) for r in rooms}
    }


def _said_to_machines() -> set[Refusal]:
    """Every refusal that is named where a signed request is answered, acted on or decided."""
    doors = {one for door in DOORS for one in (ROOT / door).glob("*.py")}
    deeds = _of({one for door in doors for one in _used(door)}, "actions", "views")
    rules = _of({one for path in doors | deeds for one in _used(path)}, "domain", "db")
    shared = {ROOT / "huiquan/web" / f"{name}.py" for name in EVERY_DOOR}
    tables = {ROOT / f"huiquan/domain/{name}.py" for name in ("refusals", "acquirer_errors")}
    texts = "\n".join(one.read_text() for one in (doors | deeds | rules | shared) - tables)
    return {Refusal[name] for name in re.findall(r"\bRefusal\.([A-Z_]+)", texts)}


def test_a_machine_finds_every_refusal_it_may_meet_in_the_table() -> None:
    said = _said_to_machines()
    assert said - {one.code for one in ADVICE} == set(TO_OTHERS)
    assert {Refusal.REFUND_TOO_LATE, Refusal.ADDRESS_OUTSIDE, Refusal.REQUEST_REPLAYED} <= said


def test_the_page_shows_the_tables_as_they_follow_from_the_data() -> None:
    page = PAGE.read_text()
    assert error_table() in page
    assert sandbox_table() in page


def test_every_advice_is_a_sentence_in_both_languages_and_stands_once() -> None:
    assert len({one.code for one in ADVICE}) == len(ADVICE)
    for one in ADVICE:
        assert one.zh.endswith("。")
        assert re.search(r"[A-Za-z]", one.en)
        assert one.en.endswith(".")
        assert (one.after_s == 0) or one.retry is not Retry.NO
    passing = {Refusal.BUSY, Refusal.TOO_MANY_REQUESTS}
    assert all(one.retry is Retry.SAME for one in ADVICE if one.code in passing)


async def test_the_table_is_given_to_anyone_who_asks(database: object) -> None:
    house = make_house(database)  # type: ignore[arg-type]
    async with visit(house) as client:
        told = (await client.get("/acquirer/v1/errors")).json()["items"]
    assert [one["code"] for one in told] == [one.code.value for one in ADVICE]
    assert all(one["status"] == Refusal(one["code"]).status for one in told)
