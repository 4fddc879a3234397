-- I28 应付等于未清算。A merchant is owed, lane by lane, what it redeemed less what came back, unsettled.
with due as (
    select campaign_id, lane, merchant_id::text as holder,
           sum(discount_fen - returned_fen) as due_fen
      from redemptions
     where settlement_id is null
     group by campaign_id, lane, merchant_id
), payable as (
    select campaign_id, lane, holder, amount_fen
      from balances
     where account = 'payable'
)
select campaign_id, lane, holder as merchant_id, d.due_fen, b.amount_fen as payable_fen
  from due d
  full join payable b
 using (campaign_id, lane, holder)
 where coalesce(d.due_fen, 0) <> coalesce(b.amount_fen, 0);
