"""Forget nonces that nobody could send again: their requests are long stale.  清理随机串"""

from huiquan.app import App
from huiquan.db import acquirers

MOST = 5_000


async def forget_nonces(app: App) -> int:
    """Delete nonces whose time is over; gives how many. Again gives 0."""
    forgotten = 0
    while True:
        async with app.db.transaction() as tx:
            deleted = await acquirers.forget_nonces(tx, app.clock(), MOST)
        forgotten += deleted
        if deleted < MOST:
            return forgotten
