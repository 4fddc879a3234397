"""Dice of the simulated world: the same seed and the same names give the same throws.  随机源

What a person does on a day hangs on the person and the day alone, never on who was faster, so
that a season can be played again.
"""

import random
from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


def dice(*names: object) -> random.Random:
    """Dice that belong to these names, such as the seed, a person and a day."""
    return random.Random("/".join(map(str, names)))


def pick(throw: random.Random, table: Sequence[tuple[Thing, float]]) -> Thing:
    """One thing of a table of things and their weights."""
    things = [thing for thing, _ in table]
    return throw.choices(things, [weight for _, weight in table])[0]
