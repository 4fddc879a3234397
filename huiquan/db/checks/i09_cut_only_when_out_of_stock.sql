-- I9 无库存才截断。A drawn winner is cut only when nothing of the tier is left.
select r.campaign_id, r.lane, r.seq, t.tier, t.cut, t.after
  from rounds r
 cross join lateral unnest(r.cut, r.left_after) with ordinality as t (cut, after, tier)
 where r.state = 'final'
   and t.cut > 0
   and t.after > 0;
