"""The exclusion list as it is kept: rows are added and never taken away.  排除名单"""

from collections.abc import Sequence
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.domain.exclusions import Exclusion, exclusion_list, exclusion_list_hash


async def record(tx: Tx, campaign_id: int, exclusions: Sequence[Exclusion], since: datetime) -> int:
    """Add people; who is on the list already stays as they are. Gives how many are new."""
    rows = await tx.fetch(
        """
        insert into exclusions (campaign_id, person_key, reason, since)
        select $1, person_key, reason, $4
          from unnest($2::bytea[], $3::text[]) as excluded (person_key, reason)
            on conflict do nothing
        returning person_key
        """,
        campaign_id,
        [one.person_key for one in exclusions],
        [one.reason for one in exclusions],
        since,
    )
    return len(rows)


async def hash_at(tx: Tx, campaign_id: int, at: datetime) -> str:
    """What a config that is published at this instant says of the list."""
    return exclusion_list_hash(await list_at(tx, campaign_id, at))


async def list_at(tx: Tx, campaign_id: int, at: datetime) -> bytes:
    """The list as it stood at an instant, as it is kept and hashed."""
    rows = await tx.fetch(
        """
        select person_key
          from exclusions
         where campaign_id = $1
           and since <= $2
        """,
        campaign_id,
        at,
    )
    return exclusion_list(row["person_key"] for row in rows)
