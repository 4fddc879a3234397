-- I37 日报累计可复算。What is kept of the figures, day by day and city by city, is what the books say up to the marks (R2.8).
-- A person counts on the day of their first voucher and of their first redemption; a voided win, whose
-- voucher ended in the moment it was issued, was issued to nobody. Asked about the
-- days that were booked or counted since `huiquan.since`, today's at least, and about every day several
-- times a day. So is the first day of each merchant in a city; of new days, that it is not later.
-- Vouchers, redemptions and people are looked up by key, one by one: of one day that is quick, however
-- many there are of others. A voucher that was redeemed under its first lock is not looked at again for
-- what came before: nothing of its own can have. Each part reads the movements itself and stays in their
-- lane, as many machines ask for; what comes back late stands in the house's book and names another lane.
with clock as (
    select since, date_trunc('day', since at time zone 'Asia/Shanghai') as since_day, now,
           coalesce((select to_date(min(day)::text, 'YYYYMMDD') from transfers), now) as first_day
      from (select coalesce(nullif(current_setting('huiquan.since', true), ''),
                            '-infinity')::timestamptz as since,
                   current_setting('huiquan.now')::timestamptz at time zone 'Asia/Shanghai' as now)
           settings
), asked as (
    select on_day
      from figure_steps
     where counted_at >= (select since from clock)
     union
    select to_char(one, 'YYYYMMDD')::integer
      from clock
     cross join generate_series(greatest(since_day, first_day), now, interval '1 day') one
), issued as (
    select b.campaign_id, b.day as on_day, v.city, count(*) as issued_count,
           sum(b.amount_fen) as issued_fen,
           count(*) filter (where e.vouchers = 0) as holder_count,
           count(*) filter (where e.here = 0) as city_holder_count
      from transfers b
      join fund_marks m
        on (m.lane, m.campaign_id) = (b.lane, b.campaign_id)
       and b.no < m.counted_no
     cross join lateral (
           select min(city) as city, (array_agg(pid))[1] as pid
             from vouchers
            where (lane, campaign_id, idx) = (b.lane, b.campaign_id, b.idx)
              and valid_until > issued_at) v
     cross join lateral (
           select count(*) as vouchers, count(*) filter (where w.city = v.city) as here
             from vouchers w
            where (w.lane, w.campaign_id, w.pid) = (b.lane, b.campaign_id, v.pid)
              and w.idx < b.idx
              and w.valid_until > w.issued_at) e
     where b.day = any(array(select on_day from asked))
       and b.kind = 'reserve'
       and v.city is not null
     group by b.campaign_id, b.day, v.city
), sold as (
    select b.campaign_id, b.day as on_day, r.city, r.merchant_id, b.amount_fen, r.order_fen,
           e.sales = 0 as is_first, e.here = 0 as is_first_here
      from transfers b
      join fund_marks m
        on (m.lane, m.campaign_id) = (b.lane, b.campaign_id)
       and b.no < m.counted_no
     cross join lateral (
           select min(city) as city, min(merchant_id) as merchant_id, min(order_fen) as order_fen,
                  min(lock_no) as lock_no
             from redemptions
            where (lane, campaign_id, idx) = (b.lane, b.campaign_id, b.idx)
              and lock_no = split_part(b.ref, '-', 4)::smallint) r
     cross join lateral (
           select (array_agg(pid))[1] as pid
             from vouchers
            where (lane, campaign_id, idx) = (b.lane, b.campaign_id, b.idx)) v
     cross join lateral (
           select count(*) as sales, count(*) filter (where d.city = r.city) as here
             from vouchers w
             join transfers s
               on (s.lane, s.campaign_id, s.idx) = (w.lane, w.campaign_id, w.idx)
              and s.kind = 'redeem'
              and s.no < b.no
             join redemptions d
               on (d.lane, d.campaign_id, d.idx) = (w.lane, w.campaign_id, w.idx)
              and d.lock_no = split_part(s.ref, '-', 4)::smallint
            where (w.lane, w.campaign_id, w.pid) = (b.lane, b.campaign_id, v.pid)
              and (w.idx <> b.idx or r.lock_no > 1)) e
     where b.day = any(array(select on_day from asked))
       and b.kind = 'redeem'
       and r.lock_no is not null
), returned as materialized (
    select t.campaign_id, t.day as on_day, split_part(t.ref, '-', 2)::smallint as lane,
           split_part(t.ref, '-', 3)::bigint as idx, split_part(t.ref, '-', 4)::smallint as lock_no,
           t.amount_fen
      from transfers t
      join fund_marks m
        on (m.lane, m.campaign_id) = (t.lane, t.campaign_id)
       and t.no < m.counted_no
     where t.day = any(array(select on_day from asked))
       and t.kind in ('refund', 'reinstate', 'refund_late')
), back as (
    select b.campaign_id, b.on_day, r.city, sum(b.amount_fen) as refunded_fen
      from returned b
      join redemptions r
     using (lane, campaign_id, idx, lock_no)
     group by b.campaign_id, b.on_day, r.city
), redeemed as (
    select campaign_id, on_day, city, count(*) as redeemed_count,
           sum(amount_fen) as redeemed_fen, sum(order_fen) as order_fen,
           count(*) filter (where is_first) as redeemer_count,
           count(*) filter (where is_first_here) as city_redeemer_count
      from sold
     group by campaign_id, on_day, city
), counted as (
    select campaign_id, on_day, city,
           array[coalesce(i.issued_count, 0), coalesce(i.issued_fen, 0),
                 coalesce(i.holder_count, 0), coalesce(i.city_holder_count, 0),
                 coalesce(s.redeemed_count, 0), coalesce(s.redeemed_fen, 0),
                 coalesce(s.order_fen, 0), coalesce(s.redeemer_count, 0),
                 coalesce(s.city_redeemer_count, 0), coalesce(b.refunded_fen, 0)]::bigint[] as sums
      from issued i
      full join redeemed s
     using (campaign_id, on_day, city)
      full join back b
     using (campaign_id, on_day, city)
), kept as (
    select campaign_id, on_day, city,
           array[issued_count, issued_fen, holder_count, city_holder_count, redeemed_count,
                 redeemed_fen, order_fen, redeemer_count, city_redeemer_count,
                 refunded_fen] as sums
      from figure_steps
     where on_day = any(array(select on_day from asked))
)
select campaign_id, on_day, city, null::bigint as merchant_id, c.sums as counted, k.sums as kept
  from counted c
  full join kept k
 using (campaign_id, on_day, city)
 where c.sums is distinct from k.sums
union all
select campaign_id, s.first_day, city, merchant_id, array[s.first_day], array[m.first_day]
  from (select campaign_id, city, merchant_id, min(on_day) as first_day
          from sold
         group by campaign_id, city, merchant_id) s
  full join figure_merchants m
 using (campaign_id, city, merchant_id)
 where case when (select since from clock) = '-infinity'
            then s.first_day is distinct from m.first_day
            else s.first_day < coalesce(m.first_day, 99991231) end;
