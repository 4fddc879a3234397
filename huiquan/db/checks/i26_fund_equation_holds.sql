-- I26 资金等式。Every fen in the bank is meant for something, and money left it only to pay (R2.4).
-- 专户 = 资金池 + 已投放 + 已占用 + 已回收 + 应付 + 清算中; 应收 = 待追回; 专户 = 拨款 − 已付 + 退汇.
with stands as (
    select campaign_id,
           coalesce(sum(amount_fen) filter (where account = 'bank'), 0) as bank_fen,
           coalesce(sum(amount_fen) filter (
               where account in ('pool', 'released', 'reserved', 'returned', 'payable',
                                 'settling')), 0) as backed_fen,
           coalesce(sum(amount_fen) filter (where account = 'receivable'), 0) as receivable_fen,
           coalesce(sum(amount_fen) filter (where account = 'recovering'), 0) as recovering_fen
      from balances
     group by campaign_id
), moved as (
    select campaign_id,
           coalesce(sum(amount_fen) filter (where kind = 'appropriate'), 0) as appropriated_fen,
           coalesce(sum(amount_fen) filter (where kind = 'pay'), 0)
           - coalesce(sum(amount_fen) filter (where kind = 'pay_back'), 0) as paid_fen
      from transfers
     where kind in ('appropriate', 'pay', 'pay_back')
     group by campaign_id
)
select s.*, coalesce(m.appropriated_fen, 0) as appropriated_fen, coalesce(m.paid_fen, 0) as paid_fen
  from stands s
  left join moved m
 using (campaign_id)
 where s.bank_fen <> s.backed_fen
    or s.receivable_fen <> s.recovering_fen
    or s.bank_fen <> coalesce(m.appropriated_fen, 0) - coalesce(m.paid_fen, 0);
