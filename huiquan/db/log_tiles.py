"""The public log's tree, kept as the roots of its full tiles.  日志分片

A hash of the tree is found in one index: leaves in log_leaves, everything above in log_tiles. So a
proof, a root or a tile reads a few hundred hashes, however long the log is.
"""

from collections.abc import Callable

from huiquan.db.connection import Tx
from huiquan.domain.merkle import Frontier, Nodes, consistency_proof, inclusion_path, range_root
from huiquan.domain.tiles import (
    WIDTH,
    TilePath,
    full_root,
    hashes_at,
    nodes_in,
    tiles_needed,
)


async def hashes(tx: Tx, campaign_id: int, level: int, first: int, count: int) -> list[bytes]:
    """Up to `count` neighbouring hashes of the tree at a tile level, in order."""
    if level == 0:
        rows = await tx.fetch(
            """
            select leaf_hash as hash
              from log_leaves
             where campaign_id = $1
               and leaf >= $2
               and leaf < $2 + $3
             order by leaf
            """,
            campaign_id,
            first,
            count,
        )
    else:
        rows = await tx.fetch(
            """
            select root as hash
              from log_tiles
             where campaign_id = $1
               and level = $2
               and number >= $3
               and number < $3 + $4
             order by number
            """,
            campaign_id,
            level - 1,
            first,
            count,
        )
    return [row["hash"] for row in rows]


async def complete(tx: Tx, campaign_id: int, size: int) -> None:
    """Add every full tile of a log of this size that is not there yet, from the leaves up."""
    level = 0
    while wanted := hashes_at(level + 1, size):
        have: int = await tx.fetchval(
            """
            select coalesce(max(number) + 1, 0)
              from log_tiles
             where campaign_id = $1
               and level = $2
            """,
            campaign_id,
            level,
        )
        for number in range(have, wanted):
            below = await hashes(tx, campaign_id, level, number * WIDTH, WIDTH)
            await tx.execute(
                "insert into log_tiles (campaign_id, level, number, root) values ($1, $2, $3, $4)",
                campaign_id,
                level,
                number,
                full_root(below),
            )
        level += 1


async def tile(tx: Tx, campaign_id: int, asked: TilePath) -> list[bytes]:
    """The hashes of a tile, as many as there are up to its width."""
    assert asked.level is not None, "a bundle of entries holds no hashes"
    return await hashes(tx, campaign_id, asked.level, asked.number * WIDTH, asked.width)


async def root(tx: Tx, campaign_id: int, size: int) -> bytes:
    """The root over the first `size` leaves."""
    return (await frontier(tx, campaign_id, size)).root()


async def frontier(tx: Tx, campaign_id: int, size: int) -> Frontier:
    """The right edge of the tree over the first `size` leaves."""

    def edge(node: Nodes) -> list[bytes]:
        parts, start = [], 0
        for bit in reversed(range(size.bit_length())):
            if size >> bit & 1:
                parts.append(range_root(start, start + (1 << bit), node))
                start += 1 << bit
        return parts

    return Frontier(size=size, hashes=tuple(await _compute(tx, campaign_id, size, edge)))


async def inclusion(tx: Tx, campaign_id: int, leaf: int, size: int) -> list[bytes]:
    """The path of a leaf in the tree of this size. Refuses (ValueError) a leaf outside it."""
    return await _compute(tx, campaign_id, size, lambda node: inclusion_path(leaf, size, node))


async def consistency(tx: Tx, campaign_id: int, old_size: int, size: int) -> list[bytes]:
    """The proof that the log of this size only added to the old one. Refuses (ValueError)."""
    return await _compute(
        tx, campaign_id, size, lambda node: consistency_proof(old_size, size, node)
    )


async def _compute(
    tx: Tx, campaign_id: int, size: int, compute: Callable[[Nodes], list[bytes]]
) -> list[bytes]:
    """Read the few tiles that something is computed from, and compute it."""
    tiles = {
        (one.level or 0, one.number): await tile(tx, campaign_id, one)
        for one in tiles_needed(compute, size)
    }
    return compute(nodes_in(tiles))
