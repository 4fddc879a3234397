"""What is on file, one round or one link at a time, so that memory is bounded.  存档"""

from collections.abc import AsyncIterator

from huiquan.db import entries, links, lists, log_tiles, vouchers
from huiquan.db.connection import Tx
from huiquan.domain.ledger_chain import BookedTransfer, Link
from huiquan.domain.merkle import Frontier, root_of_hashes
from huiquan.domain.recounts import RoundOnFile
from huiquan.domain.tiles import WIDTH

PAGE = 200


async def final_rounds(
    tx: Tx, campaign_id: int, lane: int
) -> AsyncIterator[tuple[int, RoundOnFile]]:
    """Every final round of a lane with its number, in order."""
    seq = -1
    while True:
        rows = await tx.fetch(
            """
            select r.seq, r.first_idx, r.entry_count, r.seal, r.seal_hash, r.final,
                   r.left_after, g.leaf_hash,
                   n.day is null or n.issued_at is not null as is_issued
              from rounds r
              left join lists n
                on (n.campaign_id, n.day) = (r.campaign_id, r.day)
              left join log_leaves g
                on (g.campaign_id, g.lane, g.seq) = (r.campaign_id, r.lane, r.seq)
             where r.lane = $1
               and r.campaign_id = $2
               and r.seq > $3
               and r.state = 'final'
             order by r.seq
             limit $4
            """,
            lane,
            campaign_id,
            seq,
            PAGE,
        )
        for row in rows:
            seq = row["seq"]
            span = (campaign_id, lane, row["first_idx"], row["entry_count"])
            yield (
                seq,
                RoundOnFile(
                    raw_seal=row["seal"],
                    seal_hash=row["seal_hash"],
                    raw_final=row["final"],
                    left_after=tuple(row["left_after"]),
                    leaf_hash=row["leaf_hash"],
                    entries=await entries.between(tx, *span),
                    vouchers=await vouchers.between(tx, *span),
                    voided=await lists.voided(tx, campaign_id, lane, *span[2:]),
                    is_issued=row["is_issued"],
                ),
            )
        if len(rows) < PAGE:
            return


async def closed_links(
    tx: Tx, campaign_id: int, lane: int
) -> AsyncIterator[tuple[Link | None, Link, list[BookedTransfer]]]:
    """Every link of a book with the one before it and the transfers it covers, in order."""
    prev: Link | None = None
    while True:
        first = prev.link_no + 1 if prev else 0
        page = await links.links_from(tx, campaign_id, lane, first, PAGE)
        for link in page:
            yield prev, link, await _covered(tx, campaign_id, lane, link)
            prev = link
        if len(page) < PAGE:
            return


async def _covered(tx: Tx, campaign_id: int, lane: int, link: Link) -> list[BookedTransfer]:
    """The transfers under a link; none if one of them was made into something no book holds."""
    try:
        return await links.transfers_between(tx, campaign_id, lane, link.first_no, link.next_no)
    except (ValueError, AssertionError):
        return []


async def checkpoint_roots(tx: Tx, campaign_id: int) -> AsyncIterator[tuple[int, bytes, bytes]]:
    """Every checkpoint: its size, its root, and the root over that many leaves as they stand."""
    frontier = Frontier()
    rows = await tx.fetch(
        "select size, root from checkpoints where campaign_id = $1 order by size", campaign_id
    )
    for row in rows:
        while frontier.size < row["size"]:
            until = min(row["size"], frontier.size + PAGE)
            leaves = await tx.fetch(
                """
                select leaf_hash
                  from log_leaves
                 where campaign_id = $1
                   and leaf >= $2
                   and leaf < $3
                 order by leaf
                """,
                campaign_id,
                frontier.size,
                until,
            )
            if len(leaves) < until - frontier.size:
                break
            for leaf in leaves:
                frontier = frontier.append(leaf["leaf_hash"])
        yield row["size"], row["root"], frontier.root()


async def tile_roots(tx: Tx, campaign_id: int) -> AsyncIterator[tuple[int, int, bytes, bytes]]:
    """Every stored tile: level, number, its root, and the root over what stands below it."""
    tiles = await tx.fetch(
        """
        select level, number, root
          from log_tiles
         where campaign_id = $1
         order by level, number
        """,
        campaign_id,
    )
    for row in tiles:
        first = row["number"] * WIDTH
        below = await log_tiles.hashes(tx, campaign_id, row["level"], first, WIDTH)
        yield row["level"], row["number"], row["root"], root_of_hashes(below)
