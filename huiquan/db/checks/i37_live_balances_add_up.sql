-- I37 资金余额可复算。What was counted into the fund's cells, day by day, is what the books say up to the marks.
-- Each step is added up again from transfers, refunds and redemptions; that these are the vouchers' own,
-- other questions ask. Asked about the days that were booked, settled or counted since `huiquan.since`,
-- today's at least, and about every day several times a day. No mark stands beyond its book.
-- Vouchers are found by key, one by one: of one day that is quick, however many there are of others.
with clock as (
    select since, date_trunc('day', since at time zone 'Asia/Shanghai') as since_day, now,
           coalesce((select to_date(min(day)::text, 'YYYYMMDD') from transfers), now) as first_day
      from (select coalesce(nullif(current_setting('huiquan.since', true), ''),
                            '-infinity')::timestamptz as since,
                   current_setting('huiquan.now')::timestamptz at time zone 'Asia/Shanghai' as now)
           settings
), asked as (
    select on_day
      from fund_steps
     where counted_at >= (select since from clock)
     union
    select day
      from settlements
     where greatest(settled_at, paid_at, bounced_at) >= (select since from clock)
     union
    select to_char(one, 'YYYYMMDD')::integer
      from clock
     cross join generate_series(greatest(since_day, first_day), now, interval '1 day') one
), booked as (
    select t.campaign_id, t.day as on_day, v.day, v.pack, v.tier, v.city,
           count(*) filter (where t.kind = 'reserve') as issued_count,
           sum(case t.kind when 'reserve' then t.amount_fen else 0 end) as issued_fen,
           sum(case t.kind when 'expire' then t.amount_fen else 0 end) as expired_fen,
           sum(case t.kind when 'refund' then t.amount_fen else 0 end) as refunded_fen,
           sum(case when t.kind = 'redeem' then t.amount_fen
                    when t.kind in ('refund', 'reinstate') then -t.amount_fen
                    else 0 end) as spent_fen
      from transfers t
      join fund_marks m
        on (m.lane, m.campaign_id) = (t.lane, t.campaign_id)
       and t.no < m.counted_no
     cross join lateral (
           select min(day) as day, min(pack) as pack, min(tier) as tier, min(city) as city
             from vouchers
            where (lane, campaign_id, idx) = (t.lane, t.campaign_id, t.idx)) v
     where t.day = any(array(select on_day from asked))
       and t.idx is not null
     group by t.campaign_id, t.day, v.day, v.pack, v.tier, v.city
), owed as (
    select t.campaign_id, t.day as on_day, split_part(t.ref, '-', 2)::smallint as lane,
           split_part(t.ref, '-', 3)::bigint as idx, t.amount_fen
      from fund_marks m
      join transfers t
     using (lane, campaign_id)
     where m.lane = -1
       and t.no < m.counted_no
       and t.kind = 'refund_late'
       and t.day = any(array(select on_day from asked))
), late as (
    select o.campaign_id, o.on_day, v.day, v.pack, v.tier, v.city, sum(o.amount_fen) as late_fen
      from owed o
      join vouchers v
     using (campaign_id, lane, idx)
     group by o.campaign_id, o.on_day, v.day, v.pack, v.tier, v.city
), settled as (
    select s.campaign_id, s.day as on_day, v.day, v.pack, v.tier, v.city,
           sum(r.discount_fen - w.returned_fen) filter (where s.counted_as = 'settling') as settling_fen,
           sum(r.discount_fen - w.returned_fen) filter (where s.counted_as = 'paid') as paid_fen
      from settlements s
      join redemptions r
        on r.settlement_id = s.settlement_id
     cross join lateral (
           select min(day) as day, min(pack) as pack, min(tier) as tier, min(city) as city
             from vouchers
            where (lane, campaign_id, idx) = (r.lane, r.campaign_id, r.idx)) v
     cross join lateral (
           select coalesce(sum(f.to_fund_fen), 0) as returned_fen
             from refunds f
            where (f.lane, f.campaign_id, f.idx, f.lock_no)
                  = (r.lane, r.campaign_id, r.idx, r.lock_no)
              and not f.late
              and r.refund_count > 0) w
     where s.counted_as <> 'payable'
       and s.day = any(array(select on_day from asked))
     group by s.campaign_id, s.day, v.day, v.pack, v.tier, v.city
), counted as (
    select campaign_id, on_day, day, pack, tier, city,
           array[coalesce(sum(issued_count), 0), coalesce(sum(issued_fen), 0),
                 coalesce(sum(expired_fen), 0), coalesce(sum(refunded_fen), 0),
                 coalesce(sum(spent_fen), 0), coalesce(sum(settling_fen), 0),
                 coalesce(sum(paid_fen), 0), coalesce(sum(late_fen), 0)]::bigint[] as sums
      from (select *, 0 as settling_fen, 0 as paid_fen, 0 as late_fen
              from booked
             union all
            select campaign_id, on_day, day, pack, tier, city, 0, 0, 0, 0, 0, 0, 0, late_fen
              from late
             union all
            select campaign_id, on_day, day, pack, tier, city, 0, 0, 0, 0, 0, settling_fen,
                   paid_fen, 0
              from settled) parts
     group by campaign_id, on_day, day, pack, tier, city
), kept as (
    select campaign_id, on_day, day, pack, tier, city,
           array[issued_count, issued_fen, expired_fen, refunded_fen, spent_fen, settling_fen,
                 paid_fen, late_fen] as sums
      from fund_steps
     where on_day = any(array(select on_day from asked))
)
select campaign_id, on_day, day, pack, tier, city, c.sums as counted, k.sums as kept
  from counted c
  full join kept k
 using (campaign_id, on_day, day, pack, tier, city)
 where coalesce(c.sums, '{0,0,0,0,0,0,0,0}') <> coalesce(k.sums, '{0,0,0,0,0,0,0,0}')
union all
select m.campaign_id, null, null, null, null, 'lane ' || m.lane, array[b.next_no],
       array[m.counted_no]
  from fund_marks m
  left join books b
 using (lane, campaign_id)
 where m.counted_no > coalesce(b.next_no, 0);
