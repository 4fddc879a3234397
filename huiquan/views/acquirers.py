"""Who may come over the acquirer's door: companies with their keys and callbacks.  收单机构一览"""

from dataclasses import dataclass

from huiquan.app import App
from huiquan.db import acquirers
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.request_signing import PartnerKey


@dataclass(frozen=True, kw_only=True)
class AcquirerLine:
    """One acquirer, its keys, the stores that take its rail, callbacks that wait or are parked."""

    acquirer: Acquirer
    keys: tuple[PartnerKey, ...]
    stores: int
    waiting: int
    parked: int


async def every_acquirer(app: App) -> list[AcquirerLine]:
    """Every acquirer, in the order in which they were added."""
    async with app.db.reading() as tx:
        return [
            AcquirerLine(
                acquirer=one,
                keys=tuple(await acquirers.keys_of(tx, one.acquirer_id)),
                **dict(
                    await tx.fetchrow(
                        """
                        select (select count(distinct store_id) from store_rails
                                 where acquirer_id = $1 and open_until is null) as stores,
                               (select count(*) from callbacks
                                 where acquirer_id = $1 and acknowledged_at is null
                                   and parked_at is null) as waiting,
                               (select count(*) from callbacks
                                 where acquirer_id = $1 and parked_at is not null) as parked
                        """,
                        one.acquirer_id,
                    )
                ),
            )
            for one in await acquirers.everyone(tx)
        ]
