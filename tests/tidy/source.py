"""The source of the house, read once for the tests that keep it tidy."""

import ast
import subprocess
from collections.abc import Callable, Iterable
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


def of_every(paths: Iterable[Path]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """Make one test of a test of a file: it holds for all of these, and names those for which not.

    A test for each of hundreds of files would take longer to report than to run.
    """
    every = tuple(paths)
    assert every

    def decorate(holds: Callable[[Path], None]) -> Callable[[], None]:
        def of_all() -> None:
            broken = []
            for path in every:
                try:
                    holds(path)
                except AssertionError as error:
                    broken.append(f"{name_of(path)}: {error}")
            assert not broken, "\n".join(broken)

        of_all.__name__, of_all.__doc__ = holds.__name__, holds.__doc__
        return of_all

    return decorate
