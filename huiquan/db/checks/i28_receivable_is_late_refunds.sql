-- I28 应收等于清算后退款加重付。A merchant owes late refunds and what was paid twice, less what was kept or repaid.
with owed as (
    select f.campaign_id, r.merchant_id, sum(f.to_fund_fen) as late_fen
      from refunds f
      join redemptions r
     using (lane, campaign_id, idx, lock_no)
     where f.late
     group by f.campaign_id, r.merchant_id
), overpaid as (
    select campaign_id, debit_holder::bigint as merchant_id, sum(amount_fen) as overpaid_fen
      from transfers
     where lane = -1
       and kind = 'overpay'
     group by 1, 2
), kept as (
    select campaign_id, merchant_id, sum(recovered_fen) as recovered_fen
      from settlements
     group by campaign_id, merchant_id
), repaid as (
    select campaign_id, merchant_id, sum(amount_fen) as repaid_fen
      from repayments
     group by campaign_id, merchant_id
), stands as (
    select campaign_id, holder::bigint as merchant_id,
           sum(amount_fen) filter (where account = 'receivable') as receivable_fen,
           sum(amount_fen) filter (where account = 'recovering') as recovering_fen
      from balances
     where account in ('receivable', 'recovering')
     group by campaign_id, holder
)
select campaign_id, merchant_id, o.late_fen, d.overpaid_fen, k.recovered_fen, p.repaid_fen,
       s.receivable_fen, s.recovering_fen
  from owed o
  full join overpaid d
 using (campaign_id, merchant_id)
  full join kept k
 using (campaign_id, merchant_id)
  full join repaid p
 using (campaign_id, merchant_id)
  full join stands s
 using (campaign_id, merchant_id)
 where coalesce(o.late_fen, 0) + coalesce(d.overpaid_fen, 0)
       - coalesce(k.recovered_fen, 0) - coalesce(p.repaid_fen, 0)
       <> coalesce(s.receivable_fen, 0)
    or coalesce(s.receivable_fen, 0) <> coalesce(s.recovering_fen, 0);
