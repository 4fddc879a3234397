"""The fund by draw day, pack, tier and city: what became of every fen that was won.  资金分布

    issued = reserved + locked + expired + refunded + payable + settling + paid

Days on which nothing can change any more were summed once (`sum_finished`); of the others the
vouchers and redemptions are counted at each question. Late refunds stand beside it: the merchant
owes them, and they may come long after a day was summed.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One draw day, tier and city (of registration), in fen.

    locked: at a till this instant. expired and refunded are the fund's again. payable: redeemed,
    in no settlement or in one that bounced and waits to be settled anew. settling and paid: in a
    settlement, before old debts are kept of it. late: refunded after settlement, so the merchant
    owes or has given it back.
    """

    day: int
    pack: int
    tier: int
    city: str
    issued_count: int
    issued_fen: int
    reserved_fen: int
    locked_fen: int
    expired_fen: int
    refunded_fen: int
    payable_fen: int
    settling_fen: int
    paid_fen: int
    late_fen: int


_WON = """
    select v.day, v.pack, v.tier, v.city, v.state,
           v.state = 'locked' and v.locked_until > $3 as is_locked,
           count(*) as vouchers,
           sum(v.face_fen)::bigint as face_fen
      from vouchers v
     where v.campaign_id = $1
       and v.day between $2 and $4
       and v.day <> all($5::integer[])
     group by v.day, v.pack, v.tier, v.city, v.state, is_locked
"""

# Of each redemption what the fund owes for it, refunds before settlement taken off; late ones are
# taken off `returned_fen` again, for they do not change what was settled. A voucher that came back
# to its holder may be redeemed anew: its first redemption is worth nothing then. No redemption
# comes before its draw day, and none after the last of its vouchers has ended. The money of a
# settlement that bounced is where the settlement is that carries it ($5 and $6).
_SPENT = """
    with late as materialized (
        select lane, idx, lock_no, sum(to_fund_fen)::bigint as late_fen
          from refunds
         where campaign_id = $1
           and late
         group by lane, idx, lock_no
    )
    select v.day, v.tier, v.city, coalesce(c.state, s.state) as state,
           sum(r.discount_fen - r.returned_fen + coalesce(l.late_fen, 0))::bigint as net_fen
      from redemptions r
      join vouchers v
        on (v.lane, v.campaign_id, v.idx) = (r.lane, r.campaign_id, r.idx)
      left join settlements s
        on s.settlement_id = r.settlement_id
      left join unnest($5::bigint[], $6::text[]) c (settlement_id, state)
        on c.settlement_id = r.settlement_id
      left join late l
        on (l.lane, l.idx, l.lock_no) = (r.lane, r.idx, r.lock_no)
     where r.campaign_id = $1
       and r.day >= $2
       and r.day <= (select coalesce(max(to_char(valid_until, 'YYYYMMDD')::integer), 0)
                       from vouchers
                      where campaign_id = $1
                        and day = $3)
       and v.day between $2 and $3
       and v.day <> all($4::integer[])
     group by v.day, v.tier, v.city, coalesce(c.state, s.state)
"""

# Each settlement that was settled anew, and how the last one that carries it stands. They are few,
# and asked for apart, for a cluster follows nothing from settlement to settlement among the lanes.
_CARRIED = """
    with recursive carried as (
        select settlement_id, state, resettled_by
          from settlements
         where campaign_id = $1
           and resettled_by is not null
         union all
        select c.settlement_id, s.state, s.resettled_by
          from carried c
          join settlements s
            on s.settlement_id = c.resettled_by
    )
    select settlement_id, state
      from carried
     where resettled_by is null
"""

# The counting of some weeks fits into this; the default would write it to the disk and sort it.
_MEMORY = "select set_config('work_mem', '64MB', true)"

_Key = tuple[int, int, str]


async def count_live(
    tx: Tx, campaign_id: int, first_day: int, last_day: int, but: list[int], now: datetime
) -> list[Cell]:
    """Count the cells of draw days that were not summed, from vouchers and redemptions."""
    await tx.execute(_MEMORY)
    packs: dict[_Key, int] = {}
    counts: Counter[_Key] = Counter()
    faces: dict[str, Counter[_Key]] = defaultdict(Counter)
    for row in await tx.fetch(_WON, campaign_id, first_day, now, last_day, but):
        key = (row["day"], row["tier"], row["city"])
        name = "at a till" if row["is_locked"] else row["state"]
        packs[key] = row["pack"]
        counts[key] += row["vouchers"]
        faces[name][key] += row["face_fen"]
    nets: dict[str, Counter[_Key]] = defaultdict(Counter)
    carried = await tx.fetch(_CARRIED, campaign_id)
    ends = ([row["settlement_id"] for row in carried], [row["state"] for row in carried])
    for row in await tx.fetch(_SPENT, campaign_id, first_day, last_day, but, *ends):
        key = (row["day"], row["tier"], row["city"])
        nets[_stage(row["state"])][key] += row["net_fen"]
    return [
        Cell(
            day=key[0],
            pack=pack,
            tier=key[1],
            city=key[2],
            issued_count=counts[key],
            issued_fen=sum(face[key] for face in faces.values()),
            reserved_fen=faces["held"][key] + faces["locked"][key],
            locked_fen=faces["at a till"][key],
            expired_fen=faces["expired"][key],
            refunded_fen=faces["redeemed"][key] - sum(net[key] for net in nets.values()),
            payable_fen=nets["payable"][key],
            settling_fen=nets["settling"][key],
            paid_fen=nets["paid"][key],
            late_fen=0,
        )
        for key, pack in packs.items()
    ]


def _stage(settlement: str | None) -> str:
    """Where the money of a redemption is, by the state of its settlement."""
    if settlement in (None, "bounced"):
        return "payable"
    return "paid" if settlement == "paid" else "settling"


async def summed(tx: Tx, campaign_id: int, first_day: int, last_day: int) -> list[Cell]:
    """The cells of days that were summed once."""
    rows = await tx.fetch(
        """
        select day, pack, tier, city, issued_count, issued_fen, expired_fen, refunded_fen, paid_fen
          from fund_cells
         where campaign_id = $1
           and day between $2 and $3
        """,
        campaign_id,
        first_day,
        last_day,
    )
    return [
        Cell(**dict(row), reserved_fen=0, locked_fen=0, payable_fen=0, settling_fen=0, late_fen=0)
        for row in rows
    ]


async def late_by_cell(tx: Tx, campaign_id: int) -> dict[tuple[int, int, str], int]:
    """What was refunded after settlement, by draw day, tier and city: few, whatever the season."""
    rows = await tx.fetch(
        """
        select v.day, v.tier, v.city, sum(f.to_fund_fen)::bigint as late_fen
          from refunds f
          join vouchers v
            on (v.lane, v.campaign_id, v.idx) = (f.lane, f.campaign_id, f.idx)
         where f.campaign_id = $1
           and f.late
         group by v.day, v.tier, v.city
        """,
        campaign_id,
    )
    return {(row["day"], row["tier"], row["city"]): row["late_fen"] for row in rows}


async def summed_days(tx: Tx, campaign_id: int) -> list[int]:
    """The draw days that were summed, in order."""
    rows = await tx.fetch(
        "select day from fund_days where campaign_id = $1 order by day", campaign_id
    )
    return [row["day"] for row in rows]


async def draw_days(tx: Tx, campaign_id: int) -> list[tuple[int, bool]]:
    """The draw days that were released, in order, and whether each was closed."""
    rows = await tx.fetch(
        """
        select day, closed_at is not null as is_closed
          from config_days
         where campaign_id = $1
           and released_at is not null
         order by day
        """,
        campaign_id,
    )
    return [(row["day"], row["is_closed"]) for row in rows]


async def record_day(tx: Tx, campaign_id: int, day: int, cells: list[Cell], at: datetime) -> None:
    """Keep the cells of a finished day, once and for good."""
    await tx.execute(
        "insert into fund_days (campaign_id, day, summed_at) values ($1, $2, $3)",
        campaign_id,
        day,
        at,
    )
    names = ("pack", "tier", "city", "issued_count", "issued_fen", "expired_fen")
    columns = [[getattr(cell, name) for cell in cells] for name in names]
    await tx.execute(
        """
        insert into fund_cells (campaign_id, day, pack, tier, city, issued_count, issued_fen,
                                expired_fen, refunded_fen, paid_fen)
        select $1, $2, c.*
          from unnest($3::smallint[], $4::smallint[], $5::text[], $6::bigint[], $7::bigint[],
                      $8::bigint[], $9::bigint[], $10::bigint[]) c
        """,
        campaign_id,
        day,
        *columns,
        [cell.refunded_fen for cell in cells],
        [cell.paid_fen for cell in cells],
    )
