-- I28 清算中等于未付款。What is on its way to a merchant is its settlements the bank has not confirmed.
with unpaid as (
    select campaign_id, merchant_id::text as holder, sum(amount_fen) as unpaid_fen
      from settlements
     where state in ('settled', 'in_file')
     group by campaign_id, merchant_id
), settling as (
    select campaign_id, holder, amount_fen
      from balances
     where account = 'settling'
)
select campaign_id, holder as merchant_id, u.unpaid_fen, b.amount_fen as settling_fen
  from unpaid u
  full join settling b
 using (campaign_id, holder)
 where coalesce(u.unpaid_fen, 0) <> coalesce(b.amount_fen, 0);
