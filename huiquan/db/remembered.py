"""What a process reads once: published rules, partners' keys, stores' numbers.  只读一次

Nothing of it ever changes once it is written; the program's database role could not change it. What
may change beside it (a key's end, whether a store is open) is asked each time.
"""

from datetime import datetime

from huiquan.db import acquirers, campaign_state, campaigns
from huiquan.db.acquirers import Known
from huiquan.db.connection import Database, Tx
from huiquan.domain.rulebook_versions import RulebookVersion, version_in_force


class Remembered:
    """The memory of one process over one database."""

    def __init__(self) -> None:
        self.keys: dict[str, Known] = {}
        self._stores: dict[str, int] = {}
        self._rules: dict[int, tuple[RulebookVersion, ...]] = {}

    async def store_id(self, db: Database, code: str) -> int | None:
        """The number of the store with this code of ours, or None."""
        if code not in self._stores:
            async with db.asking() as tx:
                self._stores |= await acquirers.store_ids(tx, [code])
        return self._stores.get(code)

    async def read_rules(self, tx: Tx, published: int) -> None:
        """Read all rules again unless as many versions are known as are published."""
        if sum(map(len, self._rules.values())) != published:
            for one in await campaigns.everyone(tx):
                await self._read(tx, one.campaign_id)

    async def in_force(
        self, tx: Tx, campaign_id: int, now: datetime, *, published: int
    ) -> RulebookVersion:
        """The rules of a campaign that are in force now, of as many versions as are published."""
        await self.read_rules(tx, published)
        return version_in_force(self.versions(campaign_id), now)

    def versions(self, campaign_id: int) -> tuple[RulebookVersion, ...]:
        """Every version of a campaign's rules that is known, the oldest first."""
        return self._rules.get(campaign_id, ())

    async def version(self, tx: Tx, campaign_id: int, number: int) -> RulebookVersion:
        """One version of a campaign's rules, by which something was judged."""
        if not any(one.version == number for one in self.versions(campaign_id)):
            await self._read(tx, campaign_id)
        return next(one for one in self.versions(campaign_id) if one.version == number)

    async def _read(self, tx: Tx, campaign_id: int) -> None:
        self._rules[campaign_id] = await campaign_state.load_versions(tx, campaign_id)
