-- I24 余额等于流水。What stands on every account is the sum of the transfers that touched it.
with moved as (
    select campaign_id, debit_lane as lane, debit as account, debit_holder as holder,
           case when debit in ('bank', 'receivable') then amount_fen else -amount_fen end
               as moved_fen
      from transfers
     union all
    select campaign_id, credit_lane, credit, credit_holder,
           case when credit in ('bank', 'receivable') then -amount_fen else amount_fen end
      from transfers
), counted as (
    select campaign_id, lane, account, holder, sum(moved_fen) as counted_fen
      from moved
     group by campaign_id, lane, account, holder
)
select campaign_id, lane, account, holder, b.amount_fen as balance_fen, c.counted_fen
  from counted c
  full join balances b
 using (campaign_id, lane, account, holder)
 where coalesce(b.amount_fen, 0) <> coalesce(c.counted_fen, 0);
