-- I28 关闭后归零。When the last share of a closed campaign went back, nothing was left of any account.
-- What stands at the bank now came in after that share (a merchant repaid its debt) and is seen in the
-- house's book behind it. A closing returns all of its remainder.
with returned as materialized (
    -- Small, and read here once: on a cluster closings stand on the coordinator, transfers do not.
    select campaign_id
      from closings
     group by campaign_id
    having bool_or(state = 'closed')
       and not bool_or(state = 'approved')
), last as (
    select t.campaign_id, max(t.no) as no
      from transfers t
      join returned
     using (campaign_id)
     where t.lane = -1
       and t.kind = 'return_remainder'
     group by t.campaign_id
), later as (
    select l.campaign_id,
           coalesce(sum(case when t.debit = 'bank' then t.amount_fen
                             when t.credit = 'bank' then -t.amount_fen
                             else 0 end), 0) as fen
      from last l
      left join transfers t
        on t.lane = -1
       and t.campaign_id = l.campaign_id
       and t.no > l.no
     group by l.campaign_id
)
select l.campaign_id, 0 as closing_no, b.amount_fen as stands_fen, l.fen as counted_fen
  from later l
  join balances b
    on b.campaign_id = l.campaign_id
   and b.lane = -1
   and b.account = 'bank'
 where b.amount_fen <> l.fen
union all
select c.campaign_id, c.closing_no, c.remainder_fen, coalesce(sum(s.amount_fen), 0)
  from closings c
  left join closing_shares s
 using (campaign_id, closing_no)
 group by c.campaign_id, c.closing_no, c.remainder_fen, c.state
having c.remainder_fen <> coalesce(sum(s.amount_fen), 0)
    or c.state = 'closed' and count(*) filter (where s.amount_fen > 0 and s.bank_ref is null) > 0;
