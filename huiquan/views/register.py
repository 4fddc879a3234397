"""The register: a day's movements in order, with what stood before and after.  资金使用明细台账

One snapshot of the database, however long it is read; the movements come one by one, so that a day
of any size fits in memory.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from huiquan.app import App
from huiquan.db import campaign_state
from huiquan.db.connection import Tx
from huiquan.domain.ledger import HOUSE_LANE, Account, Kind
from huiquan.domain.refunds import parse_refund_id
from huiquan.domain.refusals import Refusal
from huiquan.domain.vouchers import serial_of

PAGE = 1_000


@dataclass(frozen=True, kw_only=True)
class Line:
    """One movement. link_no is the link of the chain that covers it, None until one is closed."""

    lane: int
    no: int
    booked_at: datetime
    kind: Kind
    debit: Account
    credit: Account
    amount_fen: int
    serial: str | None
    merchant: str | None
    ref: str
    link_no: int | None


@dataclass(frozen=True, kw_only=True)
class AccountLine:
    """One kind of account over all lanes, of one merchant where it is a merchant's, in fen."""

    account: Account
    merchant_id: int | None
    merchant: str | None
    opening_fen: int
    in_fen: int
    out_fen: int

    @property
    def closing_fen(self) -> int:
        """What stood there at the end of the day."""
        return self.opening_fen + self.in_fen - self.out_fen


@dataclass(frozen=True, kw_only=True)
class LinkLine:
    """One link of the chain that covers movements of the day."""

    lane: int
    link_no: int
    first_no: int
    next_no: int
    prev_hash: bytes
    link_hash: bytes
    closed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Register:
    """A day's register, open to be read; line_count says how many lines will come.

    What every account held before the day is added up from all movements until then when it is
    asked for: whoever wants the lines alone does not wait for it.
    """

    name_zh: str
    organiser_zh: str
    campaign_id: int
    day: int
    line_count: int
    made_at: datetime
    _tx: Tx = field(repr=False)

    async def lines(self) -> AsyncIterator[Line]:
        """Every movement of the day in the order of time, then of book and number."""
        cursor = self._tx.cursor(_LINES, self.campaign_id, self.day, prefetch=PAGE)
        async for row in cursor:
            kind, lane, idx = Kind(row["kind"]), row["lane"], row["idx"]
            yield Line(
                lane=lane,
                no=row["no"],
                booked_at=row["booked_at"],
                kind=kind,
                debit=Account(row["debit"]),
                credit=Account(row["credit"]),
                amount_fen=row["amount_fen"],
                serial=_serial(self.campaign_id, lane, idx, kind, row["ref"]),
                merchant=row["merchant"],
                ref=row["ref"],
                link_no=row["link_no"],
            )

    async def accounts(self) -> tuple[AccountLine, ...]:
        """What every account held before the day and what moved on it, in the order of accounts."""
        return await _accounts(self._tx, self.campaign_id, self.day)

    async def links(self) -> tuple[LinkLine, ...]:
        """The links of the chain that cover movements of the day."""
        return await _links(self._tx, self.campaign_id, self.day)


_LINES = """
    select t.lane, t.no, t.booked_at, t.kind, t.debit, t.credit, t.amount_fen, t.ref, t.idx,
           m.name as merchant, l.link_no
      from transfers t
      left join merchants m
        on m.merchant_id = nullif(greatest(t.debit_holder, t.credit_holder), '')::bigint
      left join lateral (
           select link_no, next_no
             from links
            where lane = t.lane
              and campaign_id = t.campaign_id
              and first_no <= t.no
            order by first_no desc
            limit 1
           ) l on l.next_no > t.no
     where t.campaign_id = $1
       and t.day = $2
     order by t.booked_at, t.lane, t.no
"""


@asynccontextmanager
async def open_register(app: App, code: str, day: int) -> AsyncIterator[Register | Refusal]:
    """Open the register of a day, YYYYMMDD (R2.4, R5.8). Refuses UNKNOWN_CAMPAIGN."""
    now = app.clock()
    async with app.db.reading() as tx:
        campaign = await campaign_state.load_campaign(tx, code, first_day=0, last_day=0)
        if campaign is None:
            yield Refusal.UNKNOWN_CAMPAIGN
            return
        rulebook = campaign.rulebook_at(now)
        line_count = await tx.fetchval(
            "select count(*) from transfers where campaign_id = $1 and day = $2",
            campaign.campaign_id,
            day,
        )
        yield Register(
            name_zh=rulebook.name_zh,
            organiser_zh=rulebook.organiser_zh,
            campaign_id=campaign.campaign_id,
            day=day,
            line_count=line_count,
            made_at=now,
            _tx=tx,
        )


def _serial(campaign_id: int, lane: int, idx: int | None, kind: Kind, ref: str) -> str | None:
    """The voucher a movement is about; a late refund in the house's book names it in its ref."""
    if idx is not None and lane != HOUSE_LANE:
        return serial_of(campaign_id, lane, idx)
    named = parse_refund_id(ref) if kind is Kind.REFUND_LATE else None
    return serial_of(*named[:3]) if named else None


async def _accounts(tx: Tx, campaign_id: int, day: int) -> tuple[AccountLine, ...]:
    """From the movements alone. They are read once, and added up by the pair of accounts that each
    stands between: a season has millions of them and some thousand pairs."""
    rows = await tx.fetch(
        """
        with pairs as materialized (
            select debit, debit_holder, credit, credit_holder, day = $2 as is_today,
                   sum(amount_fen) as fen
              from transfers
             where campaign_id = $1
               and day <= $2
             group by debit, debit_holder, credit, credit_holder, day = $2
        ), moved as (
            select debit as account, debit_holder as holder, is_today,
                   case when debit in ('bank', 'receivable') then fen else -fen end as moved_fen
              from pairs
             union all
            select credit, credit_holder, is_today,
                   case when credit in ('bank', 'receivable') then -fen else fen end
              from pairs
        )
        select a.account, m.merchant_id, m.name as merchant,
               coalesce(sum(a.moved_fen) filter (where not a.is_today), 0)::bigint as opening_fen,
               coalesce(sum(a.moved_fen) filter (where a.is_today and a.moved_fen > 0), 0)::bigint
                   as in_fen,
               coalesce(-sum(a.moved_fen) filter (where a.is_today and a.moved_fen < 0), 0)::bigint
                   as out_fen
          from moved a
          left join merchants m
            on m.merchant_id = nullif(a.holder, '')::bigint
         group by a.account, m.merchant_id, m.name
         order by m.merchant_id
        """,
        campaign_id,
        day,
    )
    order = list(Account)
    lines = [AccountLine(**{**dict(row), "account": Account(row["account"])}) for row in rows]
    return tuple(sorted(lines, key=lambda line: (order.index(line.account), line.merchant_id or 0)))


async def _links(tx: Tx, campaign_id: int, day: int) -> tuple[LinkLine, ...]:
    rows = await tx.fetch(
        """
        with spans as (
            select lane, min(no) as first_no, max(no) as last_no
              from transfers
             where campaign_id = $1
               and day = $2
             group by lane
        )
        select l.lane, l.link_no, l.first_no, l.next_no, l.prev_hash, l.link_hash, l.closed_at
          from spans s
          join links l
            on l.lane = s.lane
           and l.campaign_id = $1
           and l.next_no > s.first_no
           and l.first_no <= s.last_no
         order by l.lane, l.link_no
        """,
        campaign_id,
        day,
    )
    return tuple(LinkLine(**dict(row)) for row in rows)
