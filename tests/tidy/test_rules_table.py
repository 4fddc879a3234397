"""The table of rules: each promise of the announcement has a place, a function and a test."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.tidy.source import ROOT, tracked, tree_of

TABLE = ROOT / "docs/RULES.md"
# How many lines each part of the announcement has: R1.1 to R1.4, R2.1 to R2.8, and so on.
LINES_OF_PART = {1: 4, 2: 8, 3: 8, 4: 3, 5: 8}
EVERY_ID = {
    f"R{part}.{line}" for part, lines in LINES_OF_PART.items() for line in range(1, lines + 1)
}
IN_FORCE, NOT_YET, MISSING = "## In force", "## Not yet", "## In force in part"

PLACE = re.compile(r"`(?P<path>[\w/.-]+\.py):(?P<name>\w+)`")
TEST = re.compile(r"`(?P<path>tests/[\w/.-]+\.py)::(?P<name>\w+)`")


def rows_under(heading: str) -> list[list[str]]:
    """The rows of the table under a heading, cell by cell; its head is left out."""
    body = TABLE.read_text().partition(f"\n{heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in body.splitlines() if line.startswith("| R")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@cache
def definitions(path: Path) -> dict[str, ast.AST]:
    """Every function and class of a file by its name."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {node.name: node for node in ast.walk(tree_of(path)) if isinstance(node, kinds)}


def requirements_of(node: ast.AST) -> set[str]:
    """The ids that a test's markers name."""
    return {
        str(argument.value)
        for decorator in getattr(node, "decorator_list", [])
        if isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr == "requirement"
        for argument in decorator.args
        if isinstance(argument, ast.Constant)
    }


RULES = [
    pytest.param(row, id=f"{row[0]}-{number}") for number, row in enumerate(rows_under(IN_FORCE))
]


@pytest.mark.parametrize("row", RULES)
def test_a_rule_names_functions_that_exist(row: list[str]) -> None:
    _, _, where, _ = row
    places = list(PLACE.finditer(where))
    assert places, "say in which file and function the rule is decided"
    for place in places:
        path = ROOT / place["path"]
        assert path.exists(), place["path"]
        assert place["name"] in definitions(path), place[0]


@pytest.mark.parametrize("row", RULES)
def test_a_rule_names_tests_that_prove_it(row: list[str]) -> None:
    requirement, _, _, proven_by = row
    tests = list(TEST.finditer(proven_by))
    assert tests, "say which test proves the rule"
    for test in tests:
        path = ROOT / test["path"]
        assert path.exists(), test["path"]
        assert test["name"] in definitions(path), test[0]
        assert requirement in requirements_of(definitions(path)[test["name"]]), test[0]


@pytest.mark.parametrize("row", RULES)
def test_a_rule_is_said_in_both_languages(row: list[str]) -> None:
    said = row[1]
    assert re.search(r"[\u4e00-\u9fff].*。", said), "a sentence in Chinese"
    assert re.search(r"[A-Za-z]{3}.*\.$", said), "a sentence in English"


def test_every_line_of_the_announcement_is_in_force_or_not_yet() -> None:
    in_force = [row[0] for row in rows_under(IN_FORCE)]
    not_yet = [row[0] for row in rows_under(NOT_YET)]
    assert set(in_force) | set(not_yet) == EVERY_ID
    assert set(in_force) & set(not_yet) == set()
    assert len(not_yet) == len(set(not_yet))


def test_what_is_missing_is_missing_of_a_rule_in_force() -> None:
    in_force = {row[0] for row in rows_under(IN_FORCE)}
    assert {row[0] for row in rows_under(MISSING)} <= in_force


def test_every_test_that_claims_a_requirement_names_a_known_one() -> None:
    claimed = {
        (path.relative_to(ROOT).as_posix(), name, requirement)
        for path in tracked()
        if path.suffix == ".py" and path.exists() and path.relative_to(ROOT).parts[0] == "tests"
        for name, node in definitions(path).items()
        for requirement in requirements_of(node)
    }
    assert {claim for claim in claimed if claim[2] not in EVERY_ID} == set()
    assert claimed
