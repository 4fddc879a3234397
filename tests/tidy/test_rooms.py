"""The rooms of the house and the doors between them."""

import ast
import sys
from pathlib import Path

from tests.tidy.source import (
    PACKAGES,
    imports_of,
    name_of,
    of_every,
    python_files,
    room_of,
    tree_of,
)

# Who may import whom. `app` is app.py with its clock and settings; `webui` serves built pages.
MAY_IMPORT: dict[str, set[str]] = {
    "domain": set(),
    "db": {"domain"},
    "gateways": {"domain"},
    "settings": set(),
    "clock": {"settings"},
    "app": {"domain", "db", "gateways", "settings", "clock"},
    "actions": {"domain", "db", "gateways", "app"},
    "views": {"domain", "db", "app"},
    "web": {"domain", "actions", "views", "app", "webui"},
    "jobs": {"domain", "actions", "views", "app"},
    "cli": {
        "domain",
        "actions",
        "views",
        "app",
        "settings",
        "clock",
        "web",
        "jobs",
        "db",
        "gateways",
        "webui",
    },
    "webui": set(),
    "__main__": {"cli"},
    "__init__": set(),
}

# The computing libraries the domain may use besides the standard library.
DOMAIN_LIBRARIES = {
    "nacl",
    "cryptography",
    "shapely",
    "rfc8785",
    "msgspec",
    "chinese_calendar",
    "phonenumbers",
    "stdnum",
}
DOMAIN_FORBIDDEN = {
    "asyncio",
    "time",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "subprocess",
    "urllib",
    "http",
    "os",
}

FILES = python_files()


def rooms_entered(path: Path) -> set[str]:
    names = {name.split(".")[1] for name in imports_of(path) if name.startswith("huiquan.")}
    return names - {room_of(path)}


@of_every([p for p in FILES if room_of(p) in MAY_IMPORT])
def test_a_room_is_entered_only_through_its_doors(path: Path) -> None:
    assert rooms_entered(path) <= MAY_IMPORT[room_of(path)]


def test_every_file_of_the_house_is_in_a_known_room() -> None:
    rooms = {room_of(path) for path in python_files()}
    assert rooms <= {*MAY_IMPORT, "notary", "simulation", "bench", "torture"}


@of_every([p for p in FILES if room_of(p) == "actions"])
def test_no_action_imports_another_action(path: Path) -> None:
    assert not any(name.startswith("huiquan.actions") for name in imports_of(path))


@of_every([p for p in FILES if room_of(p) == "notary"])
def test_the_notary_knows_only_the_domain(path: Path) -> None:
    ours = {name for name in imports_of(path) if name.startswith(("huiquan", "simulation"))}
    assert all(name.startswith("huiquan.domain") or name == "huiquan" for name in ours)


@of_every([p for p in FILES if room_of(p) not in ("simulation", "bench", "torture")])
def test_nothing_imports_the_simulation(path: Path) -> None:
    assert not any(name.split(".")[0] == "simulation" for name in imports_of(path))


@of_every([p for p in FILES if room_of(p) != "bench"])
def test_nothing_imports_the_bench(path: Path) -> None:
    assert not any(name.split(".")[0] == "bench" for name in imports_of(path))


@of_every([p for p in FILES if room_of(p) != "torture"])
def test_nothing_imports_the_torture(path: Path) -> None:
    assert not any(name.split(".")[0] == "torture" for name in imports_of(path))


@of_every([p for p in FILES if room_of(p) == "domain"])
def test_the_domain_is_pure(path: Path) -> None:
    tops = {name.split(".")[0] for name in imports_of(path)}
    assert not tops & DOMAIN_FORBIDDEN
    third_party = {top for top in tops if not _is_standard(top)} - {"huiquan"}
    assert third_party <= DOMAIN_LIBRARIES
    for node in ast.walk(tree_of(path)):
        assert not isinstance(node, ast.AsyncFunctionDef | ast.Await), "the domain never waits"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in {"now", "utcnow", "today"}, "the domain reads no clock"


@of_every([p for p in FILES if room_of(p) in {"web", "jobs", "cli", "domain", "gateways"}])
def test_sql_stands_only_where_things_are_remembered_or_shown(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = " ".join(node.value.lower().split())
            assert not text.startswith(
                ("select ", "insert into ", "update ", "delete from ", "with ")
            )


def test_imports_stand_at_the_top_of_their_file() -> None:
    hidden = [
        f"{name_of(path)}:{inner.lineno}"
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def _is_standard(top: str) -> bool:
    return top in sys.stdlib_module_names


def test_the_packages_are_those_we_know() -> None:
    assert {name_of(path).split("/")[0] for path in python_files()} == set(PACKAGES)
