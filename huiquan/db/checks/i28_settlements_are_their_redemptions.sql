-- I28 清算单等于明细。A settlement pays the redemptions in it, net of refunds made before it.
-- It takes only the merchant's own, only after the hold, and never a day that was not over.
with parts as (
    select r.settlement_id,
           sum(r.discount_fen - coalesce(early.returned_fen, 0)) as payable_fen,
           max(r.day) as last_day,
           count(*) filter (where (r.merchant_id, r.campaign_id)
                                  <> (s.merchant_id, s.campaign_id)) as of_others
      from redemptions r
      join settlements s
     using (settlement_id)
      left join lateral (
           select sum(to_fund_fen) as returned_fen
             from refunds f
            where (f.lane, f.campaign_id, f.idx, f.lock_no)
                  = (r.lane, r.campaign_id, r.idx, r.lock_no)
              and not f.late
           ) early on true
     group by r.settlement_id
), holds as (
    select campaign_id, min((rules ->> 'settlement_hold_days')::integer) as hold_days
      from rulebooks
     group by campaign_id
)
select s.settlement_id, s.campaign_id, s.merchant_id, s.day, s.payable_fen,
       p.payable_fen as counted_fen, p.last_day, p.of_others
  from settlements s
  join holds h
 using (campaign_id)
  left join parts p
 using (settlement_id)
 where s.payable_fen is distinct from p.payable_fen
    or p.of_others > 0
    or to_date(p.last_day::text, 'YYYYMMDD')
       > to_date(s.day::text, 'YYYYMMDD') - greatest(h.hold_days, 1);
