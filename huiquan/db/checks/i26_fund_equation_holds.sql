-- I26 资金等式。Every fen in the bank is meant for something, and only named ways led in and out (R2.4).
-- 专户 = 资金池 + 已投放 + 已占用 + 已回收 + 应付 + 清算中; 应收 = 待追回;
-- 专户 = 拨款 + 赔付 + 商户还款 − (已付 + 重付 − 退汇) − 退回余款.
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
           sum(amount_fen)
               filter (where kind in ('appropriate', 'compensate', 'repay', 'pay_back')) as in_fen,
           sum(amount_fen)
               filter (where kind in ('pay', 'overpay', 'return_remainder')) as out_fen
      from transfers
     where lane = -1
       and kind in ('appropriate', 'compensate', 'repay', 'pay_back', 'pay', 'overpay',
                    'return_remainder')
     group by campaign_id
)
select s.*, coalesce(m.in_fen, 0) as in_fen, coalesce(m.out_fen, 0) as out_fen
  from stands s
  left join moved m
 using (campaign_id)
 where s.bank_fen <> s.backed_fen
    or s.receivable_fen <> s.recovering_fen
    or s.bank_fen <> coalesce(m.in_fen, 0) - coalesce(m.out_fen, 0);
