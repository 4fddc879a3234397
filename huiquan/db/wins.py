"""Wins of a round, written together: the vouchers, and everyone's count of wins.  中签落账"""

from collections.abc import Sequence

from huiquan.db.connection import Tx
from huiquan.domain.days import day_number
from huiquan.domain.vouchers import Voucher


async def record(tx: Tx, campaign_id: int, lane: int, vouchers: Sequence[Voucher]) -> None:
    """Record the vouchers of one lane's round and count each winner's win.

    The guards stand in the tables: each voucher has its entry, one voucher an entry, one win a
    person and day.
    """
    await tx.execute(
        """
        insert into vouchers (lane, campaign_id, idx, serial, pid, day, pack, tier, face_fen,
                              threshold_fen, rulebook_version, city, state, valid_from,
                              valid_until, issued_at)
        select $1, $2, v.idx, v.serial, v.pid, v.day, v.pack, v.tier, v.face_fen,
               v.threshold_fen, v.rulebook_version, v.city, 'held', v.valid_from,
               v.valid_until, v.issued_at
          from unnest($3::bigint[], $4::text[], $5::bytea[], $6::int[], $7::smallint[],
                      $8::smallint[], $9::bigint[], $10::bigint[], $11::int[], $12::text[],
                      $13::timestamptz[], $14::timestamptz[], $15::timestamptz[])
               v (idx, serial, pid, day, pack, tier, face_fen, threshold_fen,
                  rulebook_version, city, valid_from, valid_until, issued_at)
        """,
        lane,
        campaign_id,
        [one.idx for one in vouchers],
        [one.serial for one in vouchers],
        [one.pid for one in vouchers],
        [day_number(one.day) for one in vouchers],
        [one.pack for one in vouchers],
        [one.tier for one in vouchers],
        [one.face_fen for one in vouchers],
        [one.threshold_fen for one in vouchers],
        [one.rulebook_version for one in vouchers],
        [one.city for one in vouchers],
        [one.valid_from for one in vouchers],
        [one.valid_until for one in vouchers],
        [one.issued_at for one in vouchers],
    )
    # A round holds a person once, so each row is counted up by one.
    await tx.execute(
        """
        update registrations
           set wins = wins + 1
         where lane = $1
           and campaign_id = $2
           and pid = any($3)
        """,
        lane,
        campaign_id,
        [one.pid for one in vouchers],
    )
