-- I19 一笔支付一次核销。Each redemption has its own payment, and each payment its redemption.
-- The second part asks what the payments' own key holds, should it ever be lost.
select coalesce(r.campaign_id, p.campaign_id) as campaign_id,
       coalesce(r.merchant_id, p.merchant_id) as merchant_id,
       coalesce(r.payment_ref, p.payment_ref) as payment_ref,
       r.idx as redeemed_idx,
       p.idx as paid_idx
  from redemptions r
  full join payments p
    on (p.lane, p.campaign_id, p.idx, p.lock_no) = (r.lane, r.campaign_id, r.idx, r.lock_no)
 where (r.merchant_id, r.payment_ref) is distinct from (p.merchant_id, p.payment_ref)
union all
select min(campaign_id), merchant_id, payment_ref, min(idx), max(idx)
  from payments
 group by merchant_id, payment_ref
having count(*) > 1;
