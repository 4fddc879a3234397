-- I28 先扣后付。A merchant that owes the fund is paid nothing before its debt is kept.
-- A refund of the five minutes before a run may have come after it looked, and cash within the hour
-- may have come before. All that a merchant owed, and what was kept or repaid of it, is added up along its
-- settlements in one pass; merchants that never owed are left out.
with late as (
    select f.campaign_id, r.merchant_id, f.refunded_at as owed_at, f.to_fund_fen as fen
      from refunds f
      join redemptions r
     using (lane, campaign_id, idx, lock_no)
     where f.late
    union all
    select campaign_id, debit_holder::bigint, booked_at, amount_fen
      from transfers
     where lane = -1
       and kind = 'overpay'
), moments as (
    select campaign_id, merchant_id, settlement_id, amount_fen, settled_at as at, 0 as after,
           0 as owed_fen, recovered_fen as kept_fen, 0 as repaid_fen
      from settlements
     where (campaign_id, merchant_id) in (select campaign_id, merchant_id from late)
     union all
    select campaign_id, merchant_id, null, 0, owed_at + interval '5 minutes', 1, fen, 0, 0
      from late
     union all
    select campaign_id, merchant_id, null, 0, booked_at - interval '1 hour', 1, 0, 0, amount_fen
      from repayments
), until_then as (
    select settlement_id, campaign_id, merchant_id, amount_fen,
           sum(owed_fen) over whole as owed_fen, sum(kept_fen) over whole as kept_fen,
           sum(repaid_fen) over whole as repaid_fen
      from moments
    window whole as (partition by campaign_id, merchant_id order by at, after)
)
select *
  from until_then
 where settlement_id is not null
   and amount_fen > 0
   and owed_fen > kept_fen + repaid_fen;
