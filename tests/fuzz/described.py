"""The doors as the house describes them, and messages that fit the description.  接口描述"""

import random
from dataclasses import dataclass
from functools import cache
from typing import Any

from huiquan.web.site import make_site
from tests.houses import make_house

METHODS = ("get", "post", "put", "delete", "patch")
DEPTH_MAX = 6


@dataclass(frozen=True, kw_only=True)
class Door:
    """One method at one address: names in its path and query by their kind, its body's schema.

    wants: "bearer", "signature", or "" where anybody may ask.
    """

    method: str
    path: str
    in_path: dict[str, str]
    in_query: dict[str, str]
    body: dict[str, Any] | None
    wants: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        return self.method != "GET"


@cache
def described() -> tuple[tuple[Door, ...], dict[str, Any]]:
    """Every door in the order of the description, and the schemas that bodies refer to."""
    site = make_site(make_house(None).app)  # type: ignore[arg-type]
    told = site.openapi_schema.to_schema()
    doors = []
    for path, methods in told["paths"].items():
        for method in METHODS:
            if method in methods:
                doors.append(_door(method, path, methods[method]))
    return tuple(doors), told["components"]["schemas"]


def _door(method: str, path: str, told: dict[str, Any]) -> Door:
    named: dict[str, dict[str, str]] = {"path": {}, "query": {}}
    for one in told.get("parameters", []):
        if one["in"] in named:
            named[one["in"]][one["name"]] = str(one["schema"].get("type", "any"))
    content = told.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return Door(
        method=method.upper(),
        path=path,
        in_path=named["path"],
        in_query=named["query"],
        body=schema,
        wants="".join(name for one in told.get("security", []) for name in one),
    )


def fitting(schema: dict[str, Any], dice: random.Random, depth: int = 0) -> Any:
    """Something that fits a schema, more or less: right enough to get behind the reading of it."""
    _, schemas = described()
    if "$ref" in schema:
        return fitting(schemas[schema["$ref"].rsplit("/", 1)[1]], dice, depth + 1)
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return fitting(dice.choice(schema[several]), dice, depth + 1)
    if "enum" in schema:
        return dice.choice(schema["enum"])
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {name: fitting(one, dice, depth + 1) for name, one in fields.items()}
        case "array":
            size = dice.randint(0, 2) if depth < DEPTH_MAX else 0
            return [fitting(schema.get("items", {}), dice, depth + 1) for _ in range(size)]
        case "integer":
            return dice.choice((schema.get("minimum", 1), 1, 100_000, schema.get("maximum", 7)))
        case "number":
            return dice.choice((0.5, 30.58, 114.2867))
        case "boolean":
            return dice.random() < 0.5
        case "null":
            return None
        case _:
            return _text(schema, dice)


def _text(schema: dict[str, Any], dice: random.Random) -> str:
    if schema.get("format") in ("date-time", "date"):
        return "2026-02-06T10:30:00+08:00"[: 10 if schema["format"] == "date" else None]
    known = ("storm-key-1", "420100", "13800000009", "o-unknown", "123456789012", "0" * 32, "x")
    return dice.choice(known)
