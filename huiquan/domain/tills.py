"""Tills: who stands at one, and in whose name a request from there is kept.  收银台"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Till:
    """A signed-in cashier at the store they work for."""

    store_id: int
    cashier_id: int

    @property
    def scope(self) -> str:
        """Where request keys of this till count: one store, whoever of its cashiers asks."""
        return f"till:{self.store_id}"

    @property
    def actor(self) -> str:
        """The cashier, as audit lines name them."""
        return f"cashier:{self.cashier_id}"
