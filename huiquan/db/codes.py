"""One-time codes as they are kept: a keyed hash each, never the digits.  券码"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.db.together import Write
from huiquan.domain.codes import OneTimeCode
from huiquan.domain.vouchers import Voucher, serial_of


@dataclass(frozen=True, kw_only=True)
class Minted:
    """A code that is given out: its hash, for whose phone, on which request, and for how long."""

    code_key: bytes
    device: bytes
    request_key: str
    minted_at: datetime
    expires_at: datetime


async def void_live(tx: Tx, voucher: Voucher, at: datetime) -> None:
    """A newer code takes the place of those that are still live."""
    await tx.execute(
        """
        update codes
           set voided_at = $4
         where lane = $1
           and campaign_id = $2
           and idx = $3
           and used_at is null
           and voided_at is null
           and expires_at > $4
        """,
        voucher.lane,
        voucher.campaign_id,
        voucher.idx,
        at,
    )


async def record(tx: Tx, voucher: Voucher, minted: Minted) -> bool:
    """Keep a code's hash; False when these digits were given out before (the guard)."""
    kept: int | None = await tx.fetchval(
        """
        insert into codes (lane, code_key, campaign_id, idx, device, request_key, minted_at,
                           expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (lane, code_key) do nothing
        returning 1
        """,
        voucher.lane,
        minted.code_key,
        voucher.campaign_id,
        voucher.idx,
        minted.device,
        minted.request_key,
        minted.minted_at,
        minted.expires_at,
    )
    return kept == 1


async def find(tx: Tx, lane: int, code_key: bytes) -> OneTimeCode | None:
    """A code as it stands, or None. Hold its voucher first, for a till may be taking it."""
    row = await tx.fetchrow(
        """
        select campaign_id, idx, expires_at, used_at, voided_at
          from codes
         where lane = $1
           and code_key = $2
        """,
        lane,
        code_key,
    )
    if row is None:
        return None
    return OneTimeCode(
        serial=serial_of(row["campaign_id"], lane, row["idx"]),
        expires_at=row["expires_at"],
        used_at=row["used_at"],
        is_voided=row["voided_at"] is not None,
    )


def use(lane: int, code_key: bytes, at: datetime) -> Write:
    """live -> used: a code is good once."""
    return Write(
        sql="""
        update codes
           set used_at = $3
         where lane = $1
           and code_key = $2
           and used_at is null
           and voided_at is null
           and expires_at > $3
        returning 1
        """,
        args=(
            lane,
            code_key,
            at,
        ),
        promise="the code was used although its voucher was held",
    )


async def forget(tx: Tx, lane: int, before: datetime, most: int) -> int:
    """Delete codes of a lane that nobody used in their time; those that were used stay."""
    deleted: str = await tx.execute(
        """
        delete from codes
         where lane = $1
           and code_key in (select code_key
                              from codes
                             where lane = $1
                               and used_at is null
                               and expires_at < $2
                             order by expires_at
                             limit $3)
           and used_at is null
        """,
        lane,
        before,
        most,
    )
    return int(deleted.rsplit(" ", 1)[1])
