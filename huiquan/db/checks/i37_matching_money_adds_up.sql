-- I37 配套资金可复算。What is kept of matching money is what the offers of counted redemptions come to (R5.7).
-- Less what went with goods that came back, rounded half up on the running total. Asked about the days that
-- were booked or counted since `huiquan.since`, today's at least, and about every day several times a
-- day. Looks only at redemptions with an offer; what the books hold above their marks is not kept yet.
with clock as (
    select since, date_trunc('day', since at time zone 'Asia/Shanghai') as since_day, now,
           coalesce((select to_date(min(day)::text, 'YYYYMMDD') from transfers), now) as first_day
      from (select coalesce(nullif(current_setting('huiquan.since', true), ''),
                            '-infinity')::timestamptz as since,
                   current_setting('huiquan.now')::timestamptz at time zone 'Asia/Shanghai' as now)
           settings
), asked as (
    select on_day
      from matching_steps
     where counted_at >= (select since from clock)
     union
    select to_char(one, 'YYYYMMDD')::integer
      from clock
     cross join generate_series(greatest(since_day, first_day), now, interval '1 day') one
), spent as (
    select r.campaign_id, r.lane, r.idx, r.lock_no, r.merchant_id, r.day, r.order_fen,
           (select offers
              from locks
             where (lane, campaign_id, idx, lock_no)
                   = (r.lane, r.campaign_id, r.idx, r.lock_no)) as offers
      from redemptions r
      join transfers t
        on (t.lane, t.campaign_id, t.idx) = (r.lane, r.campaign_id, r.idx)
       and t.kind = 'redeem'
       and split_part(t.ref, '-', 4)::smallint = r.lock_no
      join fund_marks m
        on (m.lane, m.campaign_id) = (t.lane, t.campaign_id)
       and t.no < m.counted_no
     where r.offers_fen > 0
       and r.day = any(array(select on_day from asked))
), named as (
    select t.campaign_id, split_part(t.ref, '-', 2)::smallint as lane,
           split_part(t.ref, '-', 3)::bigint as idx,
           split_part(t.ref, '-', 4)::smallint as lock_no,
           split_part(t.ref, '-', 5)::smallint as refund_no
      from transfers t
      join fund_marks m
        on (m.lane, m.campaign_id) = (t.lane, t.campaign_id)
       and t.no < m.counted_no
     where t.day = any(array(select on_day from asked))
       and t.kind in ('refund', 'reinstate', 'refund_late')
), back as (
    select f.campaign_id, f.lane, f.idx, f.lock_no, f.day, r.merchant_id, r.net_fen,
           f.amount_fen, b.before_fen,
           (select offers
              from locks
             where (lane, campaign_id, idx, lock_no)
                   = (f.lane, f.campaign_id, f.idx, f.lock_no)) as offers
      from named n
      join refunds f
     using (campaign_id, lane, idx, lock_no, refund_no)
      join redemptions r
     using (campaign_id, lane, idx, lock_no)
     cross join lateral (
           select coalesce(sum(e.amount_fen), 0) as before_fen
             from refunds e
            where (e.lane, e.campaign_id, e.idx, e.lock_no)
                  = (f.lane, f.campaign_id, f.idx, f.lock_no)
              and e.refund_no < f.refund_no) b
     where r.offers_fen > 0
), parts as (
    select s.campaign_id, s.day as on_day, o ->> 'funder' as funder, s.merchant_id, s.order_fen,
           sum((o ->> 'amount_fen')::bigint) as used_fen, 0 as given_back_fen, 1 as redemptions
      from spent s
     cross join lateral jsonb_array_elements(s.offers) o
     group by s.campaign_id, s.day, o ->> 'funder', s.merchant_id, s.lane, s.idx, s.lock_no,
              s.order_fen
     union all
    select b.campaign_id, b.day, o ->> 'funder', b.merchant_id, 0, 0,
           div(2 * sum((o ->> 'amount_fen')::bigint) * (b.before_fen + b.amount_fen) + b.net_fen,
               2 * b.net_fen)
           - div(2 * sum((o ->> 'amount_fen')::bigint) * b.before_fen + b.net_fen, 2 * b.net_fen),
           0
      from back b
     cross join lateral jsonb_array_elements(b.offers) o
     group by b.campaign_id, b.day, o ->> 'funder', b.merchant_id, b.lane, b.idx, b.lock_no,
              b.net_fen, b.before_fen, b.amount_fen
), counted as (
    select campaign_id, on_day, funder,
           case funder when 'merchant' then merchant_id else 0 end as merchant_id,
           sum(redemptions) as redemption_count, sum(order_fen) as order_fen,
           sum(used_fen) as used_fen, sum(given_back_fen) as given_back_fen
      from parts
     group by 1, 2, 3, 4
)
select campaign_id, on_day, funder, merchant_id, c.redemption_count,
       k.redemption_count as kept_count, c.order_fen, k.order_fen as kept_order_fen, c.used_fen,
       k.used_fen as kept_used_fen, c.given_back_fen, k.given_back_fen as kept_given_back_fen
  from counted c
  full join (select * from matching_steps where on_day = any(array(select on_day from asked))) k
 using (campaign_id, on_day, funder, merchant_id)
 where (c.redemption_count, c.order_fen, c.used_fen, c.given_back_fen)
       is distinct from (k.redemption_count, k.order_fen, k.used_fen, k.given_back_fen);
