-- I15 已核销必有核销单。A voucher is redeemed exactly when it has a redemption that stands.
-- A redemption whose voucher was given back (reinstated) does not stand any more.
with redeemed as (
    select campaign_id, lane, idx, count(*) as redemptions
      from redemptions
     group by campaign_id, lane, idx
), reinstated as (
    select campaign_id, lane, idx, count(*) as returns
      from transfers
     where kind = 'reinstate'
     group by campaign_id, lane, idx
)
select v.campaign_id, v.serial, v.state, coalesce(r.redemptions, 0) as redemptions,
       coalesce(b.returns, 0) as returns
  from vouchers v
  left join redeemed r
 using (campaign_id, lane, idx)
  left join reinstated b
 using (campaign_id, lane, idx)
 where (v.state = 'redeemed')::integer
       <> coalesce(r.redemptions, 0) - coalesce(b.returns, 0);
