"""Note how often the doors refused: officials see which rule turns how many away.  拒绝计数"""

from collections.abc import Sequence

from huiquan.app import App
from huiquan.db import refusal_counts
from huiquan.db.refusal_counts import Count


async def note_refusals(app: App, counts: Sequence[Count]) -> None:
    """Add the counts of one process: (day, door, refusal code, how many). (R2.3, R2.5)"""
    async with app.db.transaction() as tx:
        await refusal_counts.add(tx, counts)
