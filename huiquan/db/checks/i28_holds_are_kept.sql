-- I28 暂缓期内不清算。Nothing that somebody holds back is settled, and no merchant held back gets into a file.
-- A run goes by the moment at which it began: a hold of the same minute may have come after it, and one
-- that was lifted within the hour may have been lifted before it came by. Holds are few. Redemptions are
-- joined, not asked about one by one, which a cluster would refuse.
with held as not materialized (
    select h.*, h.placed_at + interval '1 minute' as since,
           least(coalesce(h.lifted_at, 'infinity'), coalesce(h.until, 'infinity'))
           - interval '1 hour' as up_to
      from settlement_holds h
)
select h.hold_id, h.kind, h.merchant_id, 'settled' as what, s.settlement_id as id,
       s.settled_at as at, h.placed_at
  from held h
  join settlements s
    on s.merchant_id = h.merchant_id
   and s.settled_at > h.since
   and s.settled_at < h.up_to
 where h.kind = 'merchant'
union all
select distinct h.hold_id, h.kind, h.merchant_id, 'settled', s.settlement_id, s.settled_at,
       h.placed_at
  from held h
  join settlements s
    on s.merchant_id = h.merchant_id
   and s.settled_at > h.since
   and s.settled_at < h.up_to
  join redemptions r
    on r.settlement_id = s.settlement_id
   and (r.store_id = h.store_id
        or (r.lane, r.campaign_id, r.idx, r.lock_no) = (h.lane, h.campaign_id, h.idx, h.lock_no))
 where h.kind <> 'merchant'
union all
select h.hold_id, h.kind, h.merchant_id, 'in a file', f.file_id, f.drafted_at, h.placed_at
  from held h
  join payment_lines l
    on l.merchant_id = h.merchant_id
  join payment_files f
    on f.file_id = l.file_id
   and f.drafted_at > h.since
   and f.drafted_at < h.up_to
 where h.kind = 'merchant';
