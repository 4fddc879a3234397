"""Limits of the rush door: how often one person, device or address may tap.  十点的限流

Counted in windows of ten seconds, in the memory of each process, and forgotten when a window ends:
millions of people must not become millions of buckets. Families share a device, and a whole town
may share one address behind a carrier's network, so those are wide. They spare work and guard
nothing: that a person enters once a day is held in the tables.
"""

import asyncio
from dataclasses import dataclass, field

WINDOW_S = 10.0
TAPS_OF_PERSON = 10
TAPS_OF_DEVICE = 30
TAPS_OF_ADDRESS = 10_000


@dataclass
class RushLimits:
    """The counts of the present window: of a person, a device (bytes) or an address (text)."""

    is_on: bool
    counts: dict[bytes | str, int] = field(default_factory=dict)
    ends_at: float = 0.0

    def allow(self, person: bytes, device: bytes, address: str | None) -> bool:
        """Count one tap; False when it is one too many. An address of None is not counted."""
        if not self.is_on:
            return True
        now = asyncio.get_running_loop().time()
        if now >= self.ends_at:
            self.counts.clear()
            self.ends_at = now + WINDOW_S
        return (
            self._count(person) <= TAPS_OF_PERSON
            and self._count(device) <= TAPS_OF_DEVICE
            and (address is None or self._count(address) <= TAPS_OF_ADDRESS)
        )

    def _count(self, key: bytes | str) -> int:
        taps = self.counts.get(key, 0) + 1
        self.counts[key] = taps
        return taps
