"""Proof files that were changed somewhere: every member in turn, in a way that matters.

A corruption is one small change of one leaf: a digit of a hex string, a letter, a number, a truth
value, an element of a list. Which one, follows from the dice alone.
"""

import copy
import random
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]
HEX = set("0123456789abcdef")


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf of a JSON value, and every list that has something in it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
        return
    if isinstance(value, list):
        if value:
            yield path, value
        for at, inner in enumerate(value):
            yield from leaves(inner, (*path, at))
        return
    yield path, value


def corrupted(file: dict[str, Any], path: Path, dice: random.Random) -> dict[str, Any]:
    """The file with the leaf at this path changed."""
    changed = copy.deepcopy(file)
    inside: Any = changed
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = another(inside[path[-1]], dice)
    return changed


def another(value: Any, dice: random.Random) -> Any:
    """A value of the same kind that is not this one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return max(0, value + dice.choice((-1, 1, 2, 1000))) if value else 1
    if isinstance(value, str):
        return _other_text(value, dice)
    assert isinstance(value, list), value
    changed = list(value)
    at = dice.randrange(len(changed))
    if dice.random() < 0.5:
        changed.pop(at)
    else:
        changed.insert(at, changed[at])
    return changed


def _other_text(text: str, dice: random.Random) -> str:
    letters = sorted(HEX) if set(text) <= HEX else [*'abcXYZ019+-/{}"é中 \n']
    at = dice.randrange(len(text))
    letter = dice.choice([letter for letter in letters if letter != text[at]])
    return text[:at] + letter + text[at + 1 :]


def corruptions(
    files: dict[str, dict[str, Any]], count: int, seed: int
) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """So many corrupted files: every leaf of every file in turn, round and round."""
    dice = random.Random(seed)
    places = [(name, path) for name, file in files.items() for path, _ in leaves(file)]
    dice.shuffle(places)
    for number in range(count):
        name, path = places[number % len(places)]
        yield name, path, corrupted(files[name], path, dice)
