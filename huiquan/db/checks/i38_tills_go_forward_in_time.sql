-- I38 核销时序。Issued, locked, redeemed, refunded, settled, paid: never the other way round.
-- The processes' clocks may differ a little; a second is allowed.
select l.campaign_id, l.lane, l.idx, 'locked before issued' as flaw,
       v.issued_at as earlier, l.locked_at as later
  from locks l
  join vouchers v
    on (v.lane, v.campaign_id, v.idx) = (l.lane, l.campaign_id, l.idx)
 where l.locked_at < v.issued_at - interval '1 second'
union all
select r.campaign_id, r.lane, r.idx, 'redeemed before locked', l.locked_at, r.redeemed_at
  from redemptions r
  join locks l
 using (lane, campaign_id, idx, lock_no)
 where r.redeemed_at < l.locked_at - interval '1 second'
union all
select f.campaign_id, f.lane, f.idx, 'refunded before redeemed', r.redeemed_at, f.refunded_at
  from refunds f
  join redemptions r
 using (lane, campaign_id, idx, lock_no)
 where f.refunded_at < r.redeemed_at - interval '1 second'
union all
select r.campaign_id, r.lane, r.idx, 'settled before redeemed', r.redeemed_at, s.settled_at
  from redemptions r
  join settlements s
 using (settlement_id)
 where s.settled_at < r.redeemed_at
union all
select campaign_id, null, settlement_id, 'paid before settled', settled_at, paid_at
  from settlements
 where paid_at < settled_at - interval '1 second';
