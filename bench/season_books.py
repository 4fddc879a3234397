"""The books of a season that is made up: settlements, transfers, balances.  一季的账"""

from bench.season_rows import named, told

# The number of a settlement says of which day and merchant it is.
_ON_DAY = "(date '2026-01-01' + (settlement_id / 100000)::integer)"
_LINES = """
create temp table season_lines as
select r.settlement_id, r.merchant_id, r.lane, count(*)::integer as redeemed_count,
       sum(r.discount_fen - coalesce(f.to_fund_fen, 0))::bigint as payable_fen,
       0::bigint as recovered_fen
  from redemptions r
  left join refunds f
    on (f.lane, f.campaign_id, f.idx, f.lock_no)
       = (r.lane, r.campaign_id, r.idx, r.lock_no)
   and not f.late
 where r.settlement_id is not null
 group by r.settlement_id, r.merchant_id, r.lane
"""

_DEBTS = """
with owed as (
    select r.merchant_id, f.to_fund_fen, min(l.settlement_id) as settlement_id
      from refunds f
      join redemptions r
     using (lane, campaign_id, idx, lock_no)
     cross join lateral (
           select settlement_id
             from season_lines
            where merchant_id = r.merchant_id
              and @on_day + interval '2 hours' > f.refunded_at
              and settlement_id > (f.refunded_at::date - date '2026-01-01') * 100000::bigint
            order by settlement_id
            limit 1) l
     where f.late
       and f.to_fund_fen > 0
     group by f.lane, f.idx, f.lock_no, r.merchant_id, f.to_fund_fen
), summed as (
    select settlement_id, sum(to_fund_fen) as fen
      from owed
     group by settlement_id
), largest as (
    select distinct on (settlement_id) settlement_id, lane, fen
      from season_lines
      join summed using (settlement_id)
     order by settlement_id, payable_fen desc, lane
)
update season_lines l
   set recovered_fen = g.fen
  from largest g
 where (l.settlement_id, l.lane) = (g.settlement_id, g.lane)
"""

_SETTLEMENTS = """
insert into settlements (settlement_id, campaign_id, merchant_id, day, payable_fen,
                         recovered_fen, amount_fen, state, settled_at, bank_ref, paid_at,
                         rail, ref, rulebook_version, without_file) overriding system value
select settlement_id, @campaign, merchant_id, to_char(on_day, 'YYYYMMDD')::integer,
       payable_fen, recovered_fen, payable_fen - recovered_fen,
       case when is_paid then 'paid' else 'settled' end, on_day + interval '2 hours',
       case when is_paid then 'bank-' || settlement_id end,
       case when is_paid then on_day + interval '15 hours' end, 'direct',
       to_char(on_day, 'YYYYMMDD') || '-' || merchant_id || '-direct', 1, is_paid
  from (select settlement_id, merchant_id, sum(payable_fen) as payable_fen,
               sum(recovered_fen) as recovered_fen, @on_day as on_day,
               @on_day < $1::date as is_paid
          from season_lines
         group by settlement_id, merchant_id) s
"""

_PARTS = """
insert into settlement_lines (settlement_id, lane, redeemed_count, payable_fen, carried_fen,
                              recovered_fen)
select settlement_id, lane, redeemed_count, payable_fen, 0, recovered_fen
  from season_lines
"""


def settlements(campaign_id: int) -> tuple[str, ...]:
    """What merchants are paid each night, seven days on: late refunds are kept of the next one.

    $1 today, where a statement has it.
    """
    return (
        _LINES,
        "create index on season_lines (merchant_id, settlement_id)",
        "analyze season_lines",
        told(_DEBTS, on_day=_ON_DAY),
        told(_SETTLEMENTS, campaign=campaign_id, on_day=_ON_DAY),
        _PARTS,
    )


_COLUMNS = "kind, debit, debit_lane, debit_holder, credit, credit_lane, credit_holder"


_BOOK = """
insert into transfers (lane, campaign_id, no, @columns, amount_fen, ref, idx, day, booked_at)
with moved (@columns, amount_fen, ref, idx, at, place) as materialized (
    select 'reserve', 'released', lane, '', 'reserved', lane, '', face_fen, serial, idx,
           issued_at, 1
      from vouchers where lane = $1::smallint and campaign_id = @campaign
     union all
    select 'redeem', 'reserved', lane, '', 'payable', lane, merchant_id::text, discount_fen,
           @redeemed, idx, redeemed_at, 2
      from redemptions where lane = $1::smallint and campaign_id = @campaign
     union all
    select 'expire', 'reserved', lane, '', 'returned', lane, '', face_fen, serial, idx,
           valid_until + interval '1 second' * pg_temp.dice(lane, idx, 14, 500), 3
      from vouchers where lane = $1::smallint and campaign_id = @campaign and state = 'expired'
     union all
    select 'refund', 'payable', f.lane, r.merchant_id::text, 'returned', f.lane, '', f.to_fund_fen,
           @refunded, f.idx, f.refunded_at, 4
      from refunds f
      join redemptions r
     using (lane, campaign_id, idx, lock_no)
     where f.lane = $1::smallint
       and not f.late
       and f.to_fund_fen > 0
     union all
    select k.kind, k.debit, k.debit_lane, k.debit_holder, k.credit, k.credit_lane, k.credit_holder,
           k.fen, s.ref, null, s.settled_at, k.place
      from settlement_lines l
      join settlements s
     using (settlement_id)
     cross join lateral (values
           ('recover', 'payable', l.lane, s.merchant_id::text, 'receivable', -1::smallint,
            s.merchant_id::text, l.recovered_fen, 5),
           ('regain', 'recovering', -1::smallint, s.merchant_id::text, 'returned', l.lane, '',
            l.recovered_fen, 6),
           ('settle', 'payable', l.lane, s.merchant_id::text, 'settling', -1::smallint,
            s.merchant_id::text, l.payable_fen - l.recovered_fen, 7))
           k (kind, debit, debit_lane, debit_holder, credit, credit_lane, credit_holder, fen, place)
     where l.lane = $1::smallint
       and k.fen > 0
     union all
    select 'release', 'pool', -1::smallint, '', 'released', lane, '', sum(face_fen),
           'release ' || day, null,
           to_date(day::text, 'YYYYMMDD') + interval '9 hours 50 minutes', 0
      from vouchers where lane = $1::smallint and campaign_id = @campaign
     group by lane, day
), rolled as (
    select (at - interval '40 minutes')::date + 1 as on_day, sum(amount_fen) as fen
      from moved
     where credit = 'returned'
     group by 1
), all_moved as (
    select *
      from moved
     union all
    select 'roll_over', 'returned', $1::smallint, '', 'pool', -1, '', fen,
           'roll over ' || to_char(on_day, 'YYYYMMDD'), null, on_day + interval '40 minutes', 0
      from rolled
     where on_day + interval '40 minutes' <= $2::timestamptz
)
select $1::smallint, @campaign, row_number() over (order by at, place, ref) - 1, @columns,
       amount_fen, ref, idx, to_char(at, 'YYYYMMDD')::integer, at
  from all_moved
 order by 3
"""


def book(campaign_id: int) -> str:
    """All transfers of one lane's book, in the order of time. $1 the lane, $2 now."""
    return told(
        _BOOK,
        campaign=campaign_id,
        columns=_COLUMNS,
        redeemed=named("R", campaign_id, "lane", "idx", "lock_no"),
        refunded=named("F", campaign_id, "f.lane", "f.idx", "f.lock_no", "1"),
    )


def house_book(campaign_id: int) -> str:
    """The house's own book behind what stands there: payments, and debts of late refunds."""
    refunded = named("F", campaign_id, "f.lane", "f.idx", "f.lock_no", "1")
    return f"""
insert into transfers (lane, campaign_id, no, {_COLUMNS}, amount_fen, ref, idx, day, booked_at)
select -1, {campaign_id},
       row_number() over (order by at, ref) - 1
       + (select count(*) from transfers where lane = -1 and campaign_id = {campaign_id}),
       {_COLUMNS}, amount_fen, ref, null, to_char(at, 'YYYYMMDD')::integer, at
  from (select 'pay', 'settling', -1, merchant_id::text, 'bank', -1, '', amount_fen, ref, paid_at
          from settlements
         where state = 'paid'
           and amount_fen > 0
         union all
        select 'refund_late', 'receivable', -1, r.merchant_id::text, 'recovering', -1,
               r.merchant_id::text, f.to_fund_fen, {refunded}, f.refunded_at
          from refunds f
          join redemptions r
         using (lane, campaign_id, idx, lock_no)
         where f.late
           and f.to_fund_fen > 0) moved ({_COLUMNS}, amount_fen, ref, at)
"""


def closing(campaign_id: int) -> tuple[str, ...]:
    """How far the books go, what stands on each account, which days were released and are over.

    $1 now, where a statement has it.
    """
    return (
        f"""
        update books b
           set next_no = t.next_no
          from (select lane, count(*) as next_no from transfers group by lane) t
         where t.lane = b.lane
           and b.campaign_id = {campaign_id}
        """,
        "delete from balances",
        f"""
        insert into balances (campaign_id, lane, account, holder, amount_fen)
        select {campaign_id}, lane, account, holder, sum(fen)
          from (select debit_lane as lane, debit as account, debit_holder as holder,
                       case when debit in ('bank', 'receivable') then amount_fen
                            else -amount_fen end as fen
                  from transfers
                 union all
                select credit_lane, credit, credit_holder,
                       case when credit in ('bank', 'receivable') then -amount_fen
                            else amount_fen end
                  from transfers) moved
         group by lane, account, holder
        """,
        """
        update config_days
           set released_at = to_date(day::text, 'YYYYMMDD') + interval '9 hours 50 minutes',
               closed_at = case when to_date(day::text, 'YYYYMMDD') < $1::timestamptz::date
                                then to_date(day::text, 'YYYYMMDD') + interval '24 hours 10 minutes'
                           end
         where to_date(day::text, 'YYYYMMDD') <= $1::timestamptz::date
        """,
    )
