"""The source of the house, read once for the tests that keep it tidy."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("huiquan", "notary", "simulation", "bench", "torture")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file git tracks or would track."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(ROOT / name for name in sorted(set(listing.split("\0"))) if name)


@cache
def python_files() -> tuple[Path, ...]:
    """Every Python file of the product (not of the tests)."""
    return tuple(
        path
        for path in tracked()
        if path.suffix == ".py" and path.exists() and path.relative_to(ROOT).parts[0] in PACKAGES
    )


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed source of one file."""
    return ast.parse(path.read_text(), filename=str(path))


def room_of(path: Path) -> str:
    """The room a file of the product belongs to."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] != "huiquan":
        return parts[0]
    return parts[1] if len(parts) > 1 else "huiquan"


def imports_of(path: Path) -> set[str]:
    """Every module a file imports, by its dotted name."""
    names: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def name_of(path: Path) -> str:
    """A file's name as a test id."""
    return str(path.relative_to(ROOT))
