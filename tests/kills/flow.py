"""What a flow of money is: one request, and what goes before it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.drawn import Place

Given = Any


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One request: what goes before it, and how it is asked, always under the same number.

    is_alike: whoever asks again is given the same answer; else asking again does nothing more.
    """

    name: str
    prepare: Callable[[Place], Awaitable[Given]]
    ask: Callable[[Place, Given], Awaitable[Any]]
    is_alike: bool = True
