-- I37 清算单按现状计入余额。No settlement is kept in the balances for an hour as something that its money is not any more.
-- One that bounced stands where the settlement stands that carried it on. Asked only where the house's book is counted,
-- and by itself: a question that follows settlements from one to the next cannot be put to many machines at once.
with recursive carried as (
    select campaign_id, settlement_id, counted_as, state, resettled_by,
           greatest(settled_at, paid_at, bounced_at) as moved_at
      from settlements
     where state <> 'paid'
        or counted_as <> 'paid'
     union all
    select c.campaign_id, c.settlement_id, c.counted_as, s.state, s.resettled_by,
           greatest(c.moved_at, s.settled_at, s.paid_at, s.bounced_at)
      from carried c
      join settlements s
        on s.settlement_id = c.resettled_by
)
select c.campaign_id, c.settlement_id, c.counted_as, c.state
  from carried c
  join fund_marks m
    on m.campaign_id = c.campaign_id
   and m.lane = -1
 where c.resettled_by is null
   and c.counted_as <> case c.state when 'paid' then 'paid'
                                    when 'bounced' then 'payable'
                                    else 'settling' end
   and c.moved_at < current_setting('huiquan.now')::timestamptz - interval '1 hour';
