-- I19 一笔支付一次核销。Each redemption has its own payment, and each payment its redemption.
select coalesce(r.campaign_id, p.campaign_id) as campaign_id,
       coalesce(r.merchant_id, p.merchant_id) as merchant_id,
       coalesce(r.payment_ref, p.payment_ref) as payment_ref,
       r.idx as redeemed_idx,
       p.idx as paid_idx
  from redemptions r
  full join payments p
    on (p.lane, p.campaign_id, p.idx, p.lock_no) = (r.lane, r.campaign_id, r.idx, r.lock_no)
 where (r.merchant_id, r.payment_ref) is distinct from (p.merchant_id, p.payment_ref);
