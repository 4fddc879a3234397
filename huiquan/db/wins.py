"""Wins of a round, written together: the vouchers, and everyone's count of wins.  中签落账"""

from collections.abc import Sequence

from huiquan.db.connection import Tx
from huiquan.domain.vouchers import Voucher


async def record(tx: Tx, vouchers: Sequence[Voucher]) -> None:
    """Record the vouchers of one lane's round and count each winner's win.

    The guards stand in the tables: one voucher an entry, one win a person and day.
    """
    await tx.executemany(
        """
        insert into vouchers (lane, campaign_id, idx, serial, pid, day, pack, tier, face_fen,
                              threshold_fen, rulebook_version, city, state, valid_from,
                              valid_until, issued_at)
        select $1, $2, $3, $4, $5, e.day, $6, $7, $8, $9, $10, $11, 'held', $12, $13, $14
          from entries e
         where e.lane = $1
           and e.campaign_id = $2
           and e.idx = $3
        """,
        [
            (
                one.lane,
                one.campaign_id,
                one.idx,
                one.serial,
                one.pid,
                one.pack,
                one.tier,
                one.face_fen,
                one.threshold_fen,
                one.rulebook_version,
                one.city,
                one.valid_from,
                one.valid_until,
                one.issued_at,
            )
            for one in vouchers
        ],
    )
    await tx.executemany(
        """
        update registrations
           set wins = wins + 1
         where lane = $1
           and campaign_id = $2
           and pid = $3
        """,
        [(one.lane, one.campaign_id, one.pid) for one in vouchers],
    )
