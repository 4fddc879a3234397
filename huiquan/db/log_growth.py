"""The log grows: final rounds get their places, whoever asks for it.  日志增长"""

from huiquan.db import log_tiles, public_log
from huiquan.db.connection import Tx
from huiquan.db.public_log import LeafRow
from huiquan.domain.merkle import leaf_hash
from huiquan.domain.rounds import log_leaf


async def append_rounds(tx: Tx, campaign_id: int, most: int) -> int:
    """Append final rounds that have no place yet; gives how many. The log must be held."""
    first = await public_log.size(tx, campaign_id)
    rounds = await public_log.unlogged(tx, campaign_id, most)
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
