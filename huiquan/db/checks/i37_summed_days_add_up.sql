-- I37 历史日资金可复算。The newest summed draw day is what its vouchers and redemptions say when counted anew.
-- One day only, for this is asked every minute: an older day was asked about while it was the newest, and
-- the program cannot change what was kept. All that was issued on any summed day equals its vouchers' money.
with newest as (
    select campaign_id, max(day) as day
      from fund_days
     group by campaign_id
), spent as (
    select r.campaign_id, r.lane, r.idx,
           sum(r.discount_fen) - sum(coalesce(f.early_fen, 0)) as paid_fen
      from newest n
      join vouchers v
     using (campaign_id, day)
      join redemptions r
        on (r.lane, r.campaign_id, r.idx) = (v.lane, v.campaign_id, v.idx)
      left join lateral (
           select sum(to_fund_fen) as early_fen
             from refunds
            where (lane, campaign_id, idx, lock_no) = (r.lane, r.campaign_id, r.idx, r.lock_no)
              and not late) f on true
     group by r.campaign_id, r.lane, r.idx
), counted as (
    select v.campaign_id, v.day, v.tier, v.city, count(*) as issued_count,
           sum(v.face_fen) as issued_fen,
           coalesce(sum(v.face_fen) filter (where v.state = 'expired'), 0) as expired_fen,
           coalesce(sum(s.paid_fen), 0) as paid_fen
      from newest n
      join vouchers v
     using (campaign_id, day)
      left join spent s
        on (s.campaign_id, s.lane, s.idx) = (v.campaign_id, v.lane, v.idx)
     group by v.campaign_id, v.day, v.tier, v.city
), kept as (
    select c.*
      from newest n
      join fund_cells c
     using (campaign_id, day)
)
select campaign_id, day, tier, city, c.issued_fen as counted_fen, k.issued_fen as kept_fen,
       c.paid_fen as counted_paid_fen, k.paid_fen as kept_paid_fen
  from counted c
  full join kept k
 using (campaign_id, day, tier, city)
 where (c.issued_count, c.issued_fen, c.expired_fen, c.paid_fen)
       is distinct from (k.issued_count, k.issued_fen, k.expired_fen, k.paid_fen);
