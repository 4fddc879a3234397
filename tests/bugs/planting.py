"""How a bug is planted: from outside, while the house runs, and taken out again.  植入缺陷

The product knows nothing of it. An edit changes the text of one function, or of one constant, of a
module that is loaded already: the function is compiled again and its code takes the place of the
old one, so whoever imported it by name runs the new one, too. A function that the database keeps is
changed in the copy the drill is played on. So are its tables, by a statement: an index that is
missing, a constraint that was dropped.
"""

import ast
import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import asyncpg

IN_DATABASE = "sql:"


class NothingToPlantError(Exception):
    """The text that an edit changes is not there any more: the bug has to be written anew."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Changes of one text: `where` is module:name or module:Class.name, or a function of the
    database after `sql:`; old texts and new ones."""

    where: str
    changes: tuple[tuple[str, str], ...]


def edit(where: str, *texts: str) -> Edit:
    """One line of the list: what stands there, what takes its place, and so on."""
    return Edit(where=f"huiquan.{where}", changes=tuple(zip(texts[::2], texts[1::2], strict=True)))


def in_function(name: str, *texts: str) -> Edit:
    """The same for a function that the database keeps."""
    return Edit(where=IN_DATABASE + name, changes=tuple(zip(texts[::2], texts[1::2], strict=True)))


async def plant_in_database(owner: asyncpg.Connection, edits: Sequence[Edit]) -> None:
    """Change functions of a database that is thrown away after the drill."""
    for one in edits:
        if one.where.startswith(IN_DATABASE):
            name = one.where.removeprefix(IN_DATABASE)
            made = await owner.fetchval("select pg_get_functiondef($1::text::regproc)", name)
            await owner.execute(_changed(made, one))


@contextmanager
def planted(edits: Sequence[Edit]) -> Iterator[None]:
    """While the block runs, the house has the bug."""
    with ExitStack() as stack:
        for one in edits:
            if not one.where.startswith(IN_DATABASE):
                stack.callback(_plant(one))
        yield


def _plant(change: Edit) -> Callable[[], None]:
    """Make one change; gives what undoes it."""
    module_name, _, name = change.where.partition(":")
    owner: Any = importlib.import_module(module_name)
    *outer, last = name.split(".")
    for one in outer:
        owner = getattr(owner, one)
    found = inspect.getattr_static(owner, last)
    if isinstance(found, str):
        return _plant_text(owner, last, found, change)
    function = found.fget if isinstance(found, property) else inspect.unwrap(found)
    assert isinstance(function, FunctionType), change.where
    old, new = function.__code__, _compiled(function, change).__code__
    function.__code__ = new

    def undo() -> None:
        function.__code__ = old

    return undo


def _plant_text(owner: Any, name: str, found: str, change: Edit) -> Callable[[], None]:
    setattr(owner, name, _changed(found, change))
    return lambda: setattr(owner, name, found)


def _changed(text: str, change: Edit) -> str:
    for old, new in change.changes:
        if text.count(old) != 1:
            raise NothingToPlantError(f"{change.where}: {text.count(old)} times {old!r}")
        text = text.replace(old, new)
    return text


def _compiled(function: FunctionType, change: Edit) -> FunctionType:
    """The function from its changed text, without its decorators, over the same names."""
    assert function.__closure__ is None, f"{change.where} hangs on names of another function"
    source = _changed(textwrap.dedent(inspect.getsource(function)), change)
    tree = ast.parse(source)
    node = tree.body[0]
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef), change.where
    node.decorator_list.clear()
    names = dict(function.__globals__)
    exec(compile(tree, f"<bug in {change.where}>", "exec"), names)
    made = names[node.name]
    assert isinstance(made, FunctionType)
    return made
