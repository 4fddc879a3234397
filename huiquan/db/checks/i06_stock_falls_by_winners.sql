-- I6 库存随中签减少。What a round leaves of each tier is what it found less the winners kept.
select r.campaign_id, r.lane, r.seq, t.tier, t.before, t.kept, t.after
  from rounds r
 cross join lateral unnest(r.left_before, r.kept, r.left_after)
       with ordinality as t (before, kept, after, tier)
 where r.state = 'final'
   and t.before - t.kept is distinct from t.after;
