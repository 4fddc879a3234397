-- I11 发券等于中签。A final round has as many vouchers of each tier as it kept winners.
-- Who the winners are is computed again from the proofs; see `run_checks`.
with won as (
    select v.campaign_id, v.lane, r.seq, v.tier, count(*) as vouchers
      from vouchers v
     cross join lateral (
           select seq, state
             from rounds
            where lane = v.lane
              and campaign_id = v.campaign_id
              and first_idx <= v.idx
            order by first_idx desc
            limit 1
           ) r
     where r.state = 'final'
     group by v.campaign_id, v.lane, r.seq, v.tier
), promised as (
    select r.campaign_id, r.lane, r.seq, k.tier, k.kept
      from rounds r
     cross join lateral unnest(r.kept) with ordinality as k (kept, tier)
     where k.kept > 0
       and not exists (
           -- A list that is still published for objections has no vouchers yet.
           select from lists n
            where n.campaign_id = r.campaign_id
              and n.day = r.day
              and n.issued_at is null
           )
)
select coalesce(p.campaign_id, w.campaign_id) as campaign_id,
       coalesce(p.lane, w.lane) as lane,
       coalesce(p.seq, w.seq) as seq,
       coalesce(p.tier, w.tier) as tier,
       p.kept,
       w.vouchers
  from promised p
  full join won w
    on (w.campaign_id, w.lane, w.seq, w.tier) = (p.campaign_id, p.lane, p.seq, p.tier)
 where p.kept is distinct from w.vouchers;
