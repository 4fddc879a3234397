-- I28 先扣后付。A merchant that owes the fund is paid nothing before its debt is kept.
-- A refund of the five minutes before a run may have come after it looked, and cash within the hour
-- may have come before. Only merchants that owe for late refunds or were paid twice are looked at; they are few.
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
), paid as (
    select s.settlement_id, s.campaign_id, s.merchant_id, s.amount_fen,
           (select sum(fen)
              from late d
             where (d.campaign_id, d.merchant_id) = (s.campaign_id, s.merchant_id)
               and d.owed_at < s.settled_at - interval '5 minutes') as owed_fen,
           (select sum(recovered_fen)
              from settlements k
             where (k.campaign_id, k.merchant_id) = (s.campaign_id, s.merchant_id)
               and k.settled_at <= s.settled_at) as kept_fen,
           (select sum(amount_fen)
              from repayments p
             where (p.campaign_id, p.merchant_id) = (s.campaign_id, s.merchant_id)
               and p.booked_at < s.settled_at + interval '1 hour') as repaid_fen
      from settlements s
     where s.amount_fen > 0
       and (s.campaign_id, s.merchant_id) in (select campaign_id, merchant_id from late)
)
select *
  from paid
 where coalesce(owed_fen, 0) > kept_fen + coalesce(repaid_fen, 0);
