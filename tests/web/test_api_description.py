"""What the house describes is what its own pages were built from, field by field."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huiquan.app import App
from huiquan.web.site import make_site
from tests.houses import make_house

WRITTEN = json.loads(
    (Path(__file__).parents[2] / "frontends" / "openapi.json").read_text(encoding="utf-8")
)
OPERATIONS = [
    pytest.param(path, method, id=operation["operationId"])
    for path, methods in WRITTEN["paths"].items()
    for method, operation in methods.items()
]


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """The description the house gives; no database is asked for it."""
    app: App = make_house(None).app  # type: ignore[arg-type]
    return dict(make_site(app).openapi_schema.to_schema())


def resolved(whole: dict[str, Any], schema: Any) -> Any:
    """A schema with its references followed."""
    while "$ref" in schema:
        schema = whole["components"]["schemas"][schema["$ref"].split("/")[-1]]
    return schema


def fields(whole: dict[str, Any], schema: Any, path: str = "") -> Iterator[str]:
    """Every field of a message by its path; `!` marks one that is always there."""
    schema = resolved(whole, schema)
    for choice in [*schema.get("anyOf", ()), *schema.get("oneOf", ())]:
        yield from fields(whole, choice, path)
    if "items" in schema:
        yield from fields(whole, schema["items"], path + "[]")
    for name, inner in schema.get("properties", {}).items():
        mark = "!" if name in schema.get("required", ()) else "?"
        yield f"{path}.{name}{mark}"
        yield from fields(whole, inner, f"{path}.{name}")


def body_of(message: dict[str, Any]) -> Any:
    return message.get("content", {}).get("application/json", {}).get("schema", {})


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_an_operation_is_as_the_pages_know_it(
    described: dict[str, Any], path: str, method: str
) -> None:
    ours, theirs = described["paths"][path][method], WRITTEN["paths"][path][method]
    assert ours["operationId"] == theirs["operationId"]
    assert bool(ours.get("security")) == bool(theirs.get("security"))
    asked = {one["name"]: one["required"] for one in theirs.get("parameters", ())}
    taken = {one["name"]: one.get("required", False) for one in ours.get("parameters", ())}
    assert asked.items() <= taken.items()
    assert not any(taken[name] for name in taken.keys() - asked.keys())
    assert set(fields(described, body_of(ours.get("requestBody", {})))) == set(
        fields(WRITTEN, body_of(theirs.get("requestBody", {})))
    )
    (success,) = (status for status in theirs["responses"] if status.startswith("2"))
    expected = resolved(WRITTEN, body_of(theirs["responses"][success]))
    if expected.get("additionalProperties") is not True:
        assert set(fields(described, body_of(ours["responses"][success]))) == set(
            fields(WRITTEN, expected)
        )
