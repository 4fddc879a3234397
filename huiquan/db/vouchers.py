"""Vouchers as they are kept; every change of state carries its own guard.  立减金"""

from collections.abc import Sequence
from datetime import datetime

from huiquan.db.connection import Row, Tx
from huiquan.db.together import Write
from huiquan.domain.days import day_from_number
from huiquan.domain.minting import Holder
from huiquan.domain.redemptions import Lock, Redemption
from huiquan.domain.vouchers import State, Voucher

COLUMNS = """
    v.campaign_id, v.lane, v.idx, v.pid, v.day, v.pack, v.tier, v.face_fen, v.threshold_fen,
    v.rulebook_version, v.city, v.state, v.valid_from, v.valid_until, v.issued_at, v.lock_no,
    v.locked_until
"""


def was_given(voucher: str) -> str:
    """That a voucher ever was somebody's, in SQL, under the name it has in a question.

    A voided win has its voucher, which ended in the moment it was issued (`lists.void`). Neither
    moment ever changes, whatever becomes of the voucher.
    """
    return f"{voucher}.valid_until > {voucher}.issued_at"


def voucher_of(row: Row) -> Voucher:
    """A voucher from a row that holds COLUMNS."""
    fields = {name: row[name] for name in Voucher.__dataclass_fields__}
    fields["day"] = day_from_number(row["day"])
    fields["state"] = State(row["state"])
    return Voucher(**fields)


async def find(tx: Tx, campaign_id: int, lane: int, idx: int) -> Voucher | None:
    """The voucher of an entry as it stands, or None."""
    return await _of_entry(tx, campaign_id, lane, idx, "")


async def hold(tx: Tx, campaign_id: int, lane: int, idx: int) -> Voucher | None:
    """The voucher of an entry, held until the commit: whoever comes second sees what the first did.

    Everything that happens to one voucher holds it first, and then looks at the rest.
    """
    return await _of_entry(tx, campaign_id, lane, idx, "for update")


async def _of_entry(tx: Tx, campaign_id: int, lane: int, idx: int, held: str) -> Voucher | None:
    row = await tx.fetchrow(
        f"""
        select {COLUMNS}
          from vouchers v
         where v.lane = $1
           and v.campaign_id = $2
           and v.idx = $3
           {held}
        """,
        lane,
        campaign_id,
        idx,
    )
    return voucher_of(row) if row else None


async def of_person(tx: Tx, campaign_id: int, lane: int, pid: bytes) -> list[Voucher]:
    """All vouchers a person has won in a campaign, the newest first."""
    rows = await tx.fetch(
        f"""
        select {COLUMNS}
          from vouchers v
         where v.lane = $1
           and v.campaign_id = $2
           and v.pid = $3
         order by v.issued_at desc, v.idx desc
        """,
        lane,
        campaign_id,
        pid,
    )
    return [voucher_of(row) for row in rows]


async def between(tx: Tx, campaign_id: int, lane: int, first_idx: int, count: int) -> list[Voucher]:
    """The vouchers that the entries first_idx … first_idx + count - 1 won, in order."""
    rows = await tx.fetch(
        f"""
        select {COLUMNS}
          from vouchers v
         where v.lane = $1
           and v.campaign_id = $2
           and v.idx >= $3
           and v.idx < $3 + $4
         order by v.idx
        """,
        lane,
        campaign_id,
        first_idx,
        count,
    )
    return [voucher_of(row) for row in rows]


async def holder(tx: Tx, campaign_id: int, lane: int, pid: bytes) -> Holder:
    """Whether anything stands in the way of a registered person spending what they won."""
    row = await tx.fetchrow(
        """
        select r.suspended_at is not null as is_suspended,
               exists (select 1 from exclusions x
                        where x.campaign_id = r.campaign_id
                          and x.person_key = r.person_key) as is_excluded
          from registrations r
         where r.lane = $1
           and r.campaign_id = $2
           and r.pid = $3
        """,
        lane,
        campaign_id,
        pid,
    )
    return Holder(campaign_id=campaign_id, pid=pid, **(dict(row) if row else {}))


def mark_locked(lock: Lock) -> Write:
    """held -> locked; a lock whose time is over may be followed by the next."""
    return Write(
        sql="""
        update vouchers
           set state = 'locked',
               lock_no = $4,
               locked_until = $5
         where lane = $1
           and campaign_id = $2
           and idx = $3
           and lock_no = $4 - 1
           and valid_from <= $6
           and valid_until > $6
           and (state = 'held' or (state = 'locked' and locked_until <= $6))
        returning 1
        """,
        args=(
            lock.lane,
            lock.campaign_id,
            lock.idx,
            lock.lock_no,
            lock.locked_until,
            lock.locked_at,
        ),
        promise="the voucher was locked although it was held for this",
    )


def mark_held(lock: Lock) -> Write:
    """locked -> held, if this lock is still the voucher's last; held stays held."""
    return _moved(lock, State.HELD, "and state in ('held', 'locked')")


def mark_redeemed(paid: Redemption) -> Write:
    """locked -> redeemed, also a moment after the lock's end, while no other lock has followed."""
    guard = "and state in ('held', 'locked') and valid_until > $6"
    return _moved(paid, State.REDEEMED, guard, paid.redeemed_at)


def mark_reinstated(paid: Redemption, at: datetime) -> Write:
    """redeemed -> held, where the refund policy gives the voucher back within its validity."""
    return _moved(paid, State.HELD, "and state = 'redeemed' and valid_until > $6", at)


def _moved(last: Lock | Redemption, to: State, guard: str, *at: datetime) -> Write:
    """One movement of a voucher, if its last lock is still this one; $6 of the guard is at."""
    return Write(
        sql=f"""
        update vouchers
           set state = $5,
               locked_until = null
         where lane = $1
           and campaign_id = $2
           and idx = $3
           and lock_no = $4
           {guard}
        returning 1
        """,
        args=(last.lane, last.campaign_id, last.idx, last.lock_no, to.value, *at),
        promise="the voucher moved although it was held for this",
    )


async def hold_lapsed(tx: Tx, campaign_id: int, lane: int, now: datetime, most: int) -> list[int]:
    """The entries of up to `most` vouchers whose lock is over, held; those in other hands wait."""
    rows = await tx.fetch(
        """
        select v.idx
          from locks l
          join vouchers v
            on (v.lane, v.campaign_id, v.idx) = (l.lane, l.campaign_id, l.idx)
         where l.lane = $1
           and l.campaign_id = $2
           and l.state = 'open'
           and l.locked_until <= $3
           and v.state = 'locked'
           and v.locked_until <= $3
         order by v.idx
         limit $4
           for update of v skip locked
        """,
        lane,
        campaign_id,
        now,
        most,
    )
    return [row["idx"] for row in rows]


async def mark_lapsed(
    tx: Tx, campaign_id: int, lane: int, indices: Sequence[int], now: datetime
) -> None:
    """locked -> held for vouchers whose lock is over, all of these or none."""
    rows = await tx.fetch(
        """
        update vouchers
           set state = 'held',
               locked_until = null
         where lane = $1
           and campaign_id = $2
           and idx = any($3::bigint[])
           and state = 'locked'
           and locked_until <= $4
        returning idx
        """,
        lane,
        campaign_id,
        indices,
        now,
    )
    assert len(rows) == len(indices), "a voucher moved although it was held for this"


async def hold_overdue(
    tx: Tx, campaign_id: int, lane: int, now: datetime, most: int
) -> list[Voucher]:
    """Up to `most` vouchers of a lane whose validity is over, held; those in other hands wait."""
    rows = await tx.fetch(
        f"""
        select {COLUMNS}
          from vouchers v
         where v.lane = $1
           and v.campaign_id = $2
           and v.state in ('held', 'locked')
           and v.valid_until <= $3
         order by v.valid_until, v.idx
         limit $4
           for update skip locked
        """,
        lane,
        campaign_id,
        now,
        most,
    )
    return [voucher_of(row) for row in rows]


async def mark_expired(
    tx: Tx, campaign_id: int, lane: int, indices: Sequence[int], now: datetime
) -> None:
    """held or locked -> expired, all of these vouchers or none."""
    rows = await tx.fetch(
        """
        update vouchers
           set state = 'expired',
               locked_until = null
         where lane = $1
           and campaign_id = $2
           and idx = any($3::bigint[])
           and state in ('held', 'locked')
           and valid_until <= $4
        returning idx
        """,
        lane,
        campaign_id,
        indices,
        now,
    )
    assert len(rows) == len(indices), "a voucher moved although it was held for this"
