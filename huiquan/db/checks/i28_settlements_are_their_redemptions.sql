-- I28 清算单等于明细。A settlement pays the redemptions in it, net of refunds made before it.
-- It takes only the merchant's own of its rail, only after the hold of the rules it was made under
-- (longer where the store was new), and never a day that was not over. The rules are read once for
-- each version, not for each settlement, and redemptions are added up by store and day before anything is
-- asked of them: of those of one day the first is the nearest to the opening of its store.
with versions as materialized (
    select campaign_id, version, (rules ->> 'settlement_hold_days')::integer as hold_days,
           (rules #>> '{settlement,new_store_hold_days}')::integer as new_store_hold_days,
           (rules #>> '{settlement,new_store_days}')::integer as new_store_days
      from rulebooks
), terms as (
    select s.settlement_id, s.campaign_id, s.merchant_id, s.rail, s.day, s.payable_fen,
           greatest(min(b.hold_days), 1) as hold_days,
           coalesce(min(b.new_store_hold_days), 0) as new_store_hold_days,
           coalesce(min(b.new_store_days), 0) as new_store_days
      from settlements s
      join versions b
        on b.campaign_id = s.campaign_id
       and b.version = coalesce(s.rulebook_version, b.version)
     group by s.settlement_id
), early as (
    select lane, campaign_id, idx, lock_no, sum(to_fund_fen) as returned_fen
      from refunds
     where not late
     group by lane, campaign_id, idx, lock_no
), sold as (
    select r.settlement_id, r.merchant_id, r.campaign_id, r.rail, r.store_id, r.day,
           min(r.redeemed_at) as first_at,
           sum(r.discount_fen - coalesce(e.returned_fen, 0)) as payable_fen
      from redemptions r
      left join early e
     using (lane, campaign_id, idx, lock_no)
     where r.settlement_id is not null
     group by r.settlement_id, r.merchant_id, r.campaign_id, r.rail, r.store_id, r.day
), parts as (
    select settlement_id,
           sum(r.payable_fen) as payable_fen,
           count(*) filter (where (r.merchant_id, r.campaign_id, r.rail)
                                  <> (t.merchant_id, t.campaign_id, t.rail)) as of_others,
           count(*) filter (
               where to_date(r.day::text, 'YYYYMMDD')
                     > to_date(t.day::text, 'YYYYMMDD')
                       - case when r.first_at
                                   < p.opened_at + make_interval(days => t.new_store_days)
                              then greatest(t.hold_days, t.new_store_hold_days)
                              else t.hold_days
                          end) as too_early
      from sold r
      join terms t
     using (settlement_id)
      join stores p
        on p.store_id = r.store_id
     group by settlement_id
)
select settlement_id, t.campaign_id, t.merchant_id, t.day, t.payable_fen,
       p.payable_fen as counted_fen, p.too_early, p.of_others
  from terms t
  left join parts p
 using (settlement_id)
 where t.payable_fen <> coalesce(p.payable_fen, 0)
    or p.of_others > 0
    or p.too_early > 0;
