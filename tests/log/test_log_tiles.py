"""The stored tree gives, at every size, the roots and proofs of the whole list."""

import asyncpg
import pytest

from huiquan.db import log_tiles
from huiquan.db.connection import Database
from huiquan.domain import merkle
from huiquan.domain.tiles import TilePath
from tests.houses import make_house, publish

LAST = 66_100
SIZES = (0, 1, 2, 255, 256, 257, 511, 512, 1000, 65_535, 65_536, 65_537, 65_792, LAST)


async def grown(database: Database, url: str) -> list[bytes]:
    """A log of 66,100 leaves, without the rounds they stand for."""
    campaign = await publish(make_house(database))
    owner = await asyncpg.connect(url)
    await owner.execute(
        """
        insert into log_leaves (campaign_id, leaf, lane, seq, day, leaf_hash)
        select $1, n, 0, n, 20260206, sha256(n::text::bytea)
          from generate_series(0, $2::int - 1) n
        """,
        campaign.campaign_id,
        LAST,
    )
    rows = await owner.fetch("select leaf_hash from log_leaves order by leaf")
    await owner.close()
    return [row["leaf_hash"] for row in rows]


@pytest.mark.requirement("R5.8")
async def test_the_tree_is_kept_so_that_no_proof_reads_the_whole_log(
    database: Database, database_url: str
) -> None:
    leaves = await grown(database, database_url)
    for size in SIZES:
        async with database.transaction() as tx:
            await log_tiles.complete(tx, 1, size)
        async with database.reading() as tx:
            whole = merkle.root_of_hashes(leaves[:size])
            assert await log_tiles.root(tx, 1, size) == whole
            for leaf in {0, size // 2, size - 1} if size else ():
                path = await log_tiles.inclusion(tx, 1, leaf, size)
                assert merkle.verify_inclusion(leaves[leaf], leaf, size, path, whole)
            for old_size in {0, 1, 256, size // 3, size} if size > 256 else ():
                old = merkle.root_of_hashes(leaves[:old_size])
                proof = await log_tiles.consistency(tx, 1, old_size, size)
                assert merkle.verify_consistency(old_size, size, old, whole, proof)
    async with database.reading() as tx:
        kept = await tx.fetch("select level, count(*) from log_tiles group by 1 order by 1")
        assert [tuple(row) for row in kept] == [(0, 258), (1, 1)]
        top = await log_tiles.tile(tx, 1, TilePath(level=2, number=0, width=1))
        assert top == [merkle.root_of_hashes(leaves[:65_536])]


async def test_a_tile_that_is_kept_is_kept_as_it_is(database: Database, database_url: str) -> None:
    await grown(database, database_url)
    async with database.transaction() as tx:
        await log_tiles.complete(tx, 1, LAST)
        await log_tiles.complete(tx, 1, LAST)
    for statement in ("update log_tiles set root = root", "delete from log_tiles"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction() as tx:
                await tx.execute(statement)
