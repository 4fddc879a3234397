"""How often each door refused for which reason, day by day.  拒绝计数"""

from collections.abc import Sequence

from huiquan.db.connection import Tx

Count = tuple[int, str, str, int]
"""Day, door, refusal code, how many."""


async def add(tx: Tx, counts: Sequence[Count]) -> None:
    """Add counts to what stands, in a fixed order, so that two processes never lock crosswise."""
    await tx.executemany(
        """
        insert into refusal_counts (day, door, code, refused)
        values ($1, $2, $3, $4)
        on conflict (day, door, code) do update
           set refused = refusal_counts.refused + excluded.refused
        """,
        sorted(counts),
    )
