-- I28 清算单分通道合计。A settlement is the sum of its lanes, and carries just what bounced before it.
with summed as (
    select settlement_id,
           sum(payable_fen) as payable_fen,
           sum(carried_fen) as carried_fen,
           sum(recovered_fen) as recovered_fen
      from settlement_lines
     group by settlement_id
), again as (
    select resettled_by as settlement_id, sum(amount_fen) as carried_fen,
           count(*) filter (where state <> 'bounced') as not_bounced
      from settlements
     where resettled_by is not null
     group by resettled_by
)
select s.settlement_id, s.payable_fen, l.payable_fen as lines_fen, s.carried_fen,
       a.carried_fen as bounced_fen, s.recovered_fen
  from settlements s
  left join summed l
 using (settlement_id)
  left join again a
 using (settlement_id)
 where (s.payable_fen, s.carried_fen, s.recovered_fen)
       <> (coalesce(l.payable_fen, 0), coalesce(l.carried_fen, 0), coalesce(l.recovered_fen, 0))
    or s.carried_fen <> coalesce(a.carried_fen, 0)
    or a.not_bounced > 0;
