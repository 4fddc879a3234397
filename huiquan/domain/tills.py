"""Tills: who stands at one, and in whose name a request from there is kept.  收银台

A till is a cashier's who signed in at our own page, or a terminal of an acquirer's (收单机构) whose
requests are signed. What a till may do with a voucher does not depend on which of the two it is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from huiquan.domain.settlement import DIRECT


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """A terminal of an acquirer's at a store, and what it comes about.

    ref is the acquirer's own number: of the order, or of the refund. terminal is the acquirer's
    name for the machine, empty when it names none.
    """

    acquirer_id: int
    rail: str
    store_id: int
    terminal: str
    ref: str
    asked_at: datetime


Caller: TypeAlias = int | Terminal
"""Whoever comes to a till's actions: a cashier by their number, or an acquirer's terminal."""


@dataclass(frozen=True, kw_only=True)
class Till:
    """A store's till, and who stands there: a signed-in cashier or an acquirer's terminal."""

    store_id: int
    cashier_id: int | None = None
    terminal: Terminal | None = None

    @property
    def acquirer_id(self) -> int | None:
        """The acquirer over whose door this till comes, if it is not a cashier's."""
        return self.terminal.acquirer_id if self.terminal else None

    @property
    def rail(self) -> str:
        """The way of paying here; of what a cashier tells us the house does not know it."""
        return self.terminal.rail if self.terminal else DIRECT

    @property
    def scope(self) -> str:
        """Where request keys of this till count: one store, whoever of its cashiers asks; for an
        acquirer all of its stores, as its own numbers do."""
        return f"acquirer:{self.acquirer_id}" if self.terminal else f"till:{self.store_id}"

    @property
    def mark(self) -> bytes:
        """What belongs to a request besides its body: an acquirer's number names one store."""
        if self.terminal is None:
            return b""
        return f" at {self.store_id} {self.terminal.terminal}".encode()

    @property
    def actor(self) -> str:
        """Cashier or acquirer, as audit lines name them."""
        return self.scope if self.terminal else f"cashier:{self.cashier_id}"
