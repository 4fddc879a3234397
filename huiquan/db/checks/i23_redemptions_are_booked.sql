-- I23 核销有账。Each redemption owes its merchant the discount once, and nothing else does.
-- The fourth part of a redemption's name (R001-0003-000000042-01-K) is the number of its lock.
with booked as (
    select campaign_id, lane, idx, split_part(ref, '-', 4)::smallint as lock_no, ref,
           credit_holder as holder, amount_fen, day
      from transfers
     where kind = 'redeem'
)
select coalesce(r.campaign_id, b.campaign_id) as campaign_id,
       coalesce(r.lane, b.lane) as lane,
       coalesce(r.idx, b.idx) as idx,
       b.ref, r.merchant_id, b.holder, r.discount_fen, b.amount_fen, r.day, b.day as booked_day
  from redemptions r
  full join booked b
    on (b.campaign_id, b.lane, b.idx, b.lock_no) = (r.campaign_id, r.lane, r.idx, r.lock_no)
 where (r.merchant_id::text, r.discount_fen, r.day)
       is distinct from (b.holder, b.amount_fen, b.day);
