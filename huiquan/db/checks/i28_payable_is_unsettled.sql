-- I28 应付等于未清算。A merchant is owed, lane by lane, what is in no settlement and what bounced.
with due as (
    select campaign_id, lane, holder, sum(due_fen) as due_fen
      from (select campaign_id, lane, merchant_id::text as holder,
                   discount_fen - returned_fen as due_fen
              from redemptions
             where settlement_id is null
            union all
            select s.campaign_id, l.lane, s.merchant_id::text,
                   l.payable_fen + l.carried_fen - l.recovered_fen
              from settlements s
              join settlement_lines l using (settlement_id)
             where s.state = 'bounced'
               and s.resettled_by is null) parts
     group by campaign_id, lane, holder
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
