"""Small things, held small."""

import ast
from pathlib import Path

from tests.tidy.source import ROOT, of_every, python_files, room_of, tracked, tree_of

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
LINE_COLUMNS_MAX = 100

SOURCE_SUFFIXES = {".py", ".sql", ".ts", ".vue", ".mjs"}


def written_by_hand(path: Path) -> bool:
    generated = {"api-types.d.ts", "package-lock.json", "openapi.json"}
    return path.suffix in SOURCE_SUFFIXES and path.name not in generated and path.exists()


@of_every([p for p in tracked() if written_by_hand(p)])
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= FILE_LINES_MAX


@of_every(python_files())
def test_no_function_is_longer_than_50_lines(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES_MAX, f"{node.name} has {lines} lines"


@of_every(python_files())
def test_a_file_begins_with_what_it_is_for(path: Path) -> None:
    if path.read_text().strip():
        assert ast.get_docstring(tree_of(path)), "say in one sentence what this file is for"


@of_every(python_files())
def test_every_public_function_says_what_it_means(path: Path) -> None:
    for node in tree_of(path).body:
        public = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if public and not node.name.startswith("_"):  # type: ignore[attr-defined]
            assert ast.get_docstring(node), f"{node.name} has no docstring"  # type: ignore[arg-type, attr-defined]


@of_every([p for p in python_files() if room_of(p) == "domain"])
def test_no_float_comes_near_money(path: Path) -> None:
    """Geometry and its evidence are measured in floats; nothing else of the domain is."""
    if path.name in {"regions.py", "coordinates.py"} or "verification" in path.name:
        return
    for node in ast.walk(tree_of(path)):
        assert not isinstance(node, ast.Div), "divide with //"
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, float), f"a float on line {node.lineno}"


def test_nothing_runs_without_its_assertions() -> None:
    main = (ROOT / "huiquan/cli/main.py").read_text()
    assert "__debug__" in main, "refuse to start under python -O"
