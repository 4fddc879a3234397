"""SMS codes: the last one sent to each phone, as a keyed hash.  短信验证码"""

from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.domain.sms_codes import WAIT, SmsCode


async def lock(tx: Tx, phone_key: bytes) -> SmsCode | None:
    """The last code of a phone, held until the transaction ends; None if none was sent."""
    row = await tx.fetchrow(
        """
        select code_key as code_hash, sent_at, tries as wrong_tries, used_at
          from sms_codes
         where phone_key = $1
           for update
        """,
        phone_key,
    )
    return SmsCode(**dict(row)) if row else None


async def record(
    tx: Tx, phone_key: bytes, code_hash: bytes, sent_at: datetime, expires_at: datetime
) -> bool:
    """Let a new code take the place of the last; False when another came within the waiting time
    (the guard), and then nothing changed."""
    row = await tx.fetchval(
        """
        insert into sms_codes (phone_key, code_key, sent_at, expires_at)
        values ($1, $2, $3, $4)
        on conflict (phone_key) do update
           set code_key = excluded.code_key,
               sent_at = excluded.sent_at,
               expires_at = excluded.expires_at,
               tries = 0,
               used_at = null
         where sms_codes.sent_at <= $3 - $5::interval
        returning phone_key
        """,
        phone_key,
        code_hash,
        sent_at,
        expires_at,
        WAIT,
    )
    return row is not None


async def let_follow(tx: Tx, phone_key: bytes, code_hash: bytes) -> None:
    """The text may not have gone out: the next one need not wait.

    The code itself stays good, in case it arrived after all.
    """
    await tx.execute(
        """
        update sms_codes
           set sent_at = sent_at - $3::interval
         where phone_key = $1
           and code_key = $2
        """,
        phone_key,
        code_hash,
        WAIT,
    )


async def count_wrong_try(tx: Tx, phone_key: bytes) -> None:
    """One more wrong try at the last code."""
    await tx.execute("update sms_codes set tries = tries + 1 where phone_key = $1", phone_key)


async def mark_used(tx: Tx, phone_key: bytes, code_hash: bytes, at: datetime) -> bool:
    """Use a code up; False when it was used or replaced in the meantime (the guard)."""
    row = await tx.fetchval(
        """
        update sms_codes
           set used_at = $3
         where phone_key = $1
           and code_key = $2
           and used_at is null
        returning phone_key
        """,
        phone_key,
        code_hash,
        at,
    )
    return row is not None
