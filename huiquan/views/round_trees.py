"""The trees over the entries of rounds, the newest asked for kept in memory.  轮次默克尔树

Whoever asks for a receipt asks soon after a round, and so do its neighbours. A tree is found by
its root, which says all that is in it, so a copy can never be out of date.
"""

from collections import OrderedDict

from huiquan.db import entries
from huiquan.db.connection import Tx
from huiquan.domain import merkle
from huiquan.domain.merkle import Nodes
from huiquan.domain.rounds import Seal, split_entries

KEPT = 32

_trees: OrderedDict[bytes, Nodes] = OrderedDict()


async def tree_of(tx: Tx, campaign_id: int, seal: Seal) -> Nodes:
    """The tree under a seal's root, from memory or built from the tables."""
    known = _trees.get(seal.root)
    if known is None:
        run = await entries.run_between(tx, campaign_id, seal.lane, seal.first_idx, seal.count)
        known = merkle.nodes_of([merkle.leaf_hash(one) for one in split_entries(run)])
        _trees[seal.root] = known
    _trees.move_to_end(seal.root)
    while len(_trees) > KEPT:
        _trees.popitem(last=False)
    return known
