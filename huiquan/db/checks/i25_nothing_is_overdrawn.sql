-- I25 账户不透支。No account stands below zero.
select campaign_id, lane, account, holder, amount_fen
  from balances
 where amount_fen < 0;
