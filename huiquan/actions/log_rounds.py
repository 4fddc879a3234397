"""Give finished rounds their places in the public log.  记入公开日志"""

from huiquan.app import App
from huiquan.db import log_tiles, notices, public_log
from huiquan.db.public_log import LeafRow
from huiquan.domain.merkle import leaf_hash
from huiquan.domain.rounds import log_leaf

MOST = 1000


async def log_rounds(app: App, campaign_id: int) -> int:
    """Append every final round that has no place yet; gives how many were appended.

    Nothing while the database is behind what others hold: places that were given once are not given
    again in another order.
    """
    async with app.db.transaction() as tx:
        await public_log.hold(tx, campaign_id)
        if await notices.is_behind(tx, campaign_id):
            return 0
        first = await public_log.size(tx, campaign_id)
        rounds = await public_log.unlogged(tx, campaign_id, MOST)
        leaves = [
            LeafRow(
                leaf=leaf,
                lane=one.lane,
                seq=one.seq,
                day=one.day,
                leaf_hash=leaf_hash(log_leaf(one.seal, one.final)),
            )
            for leaf, one in enumerate(rounds, start=first)
        ]
        await public_log.append(tx, campaign_id, leaves)
        await log_tiles.complete(tx, campaign_id, first + len(leaves))
        return len(leaves)
