-- I8 投放等于计划。A released day has put into each lane what its published config deals to it.
with bodies as materialized (
    select campaign_id, cfg_hash, convert_from(body, 'UTF8')::jsonb as body
      from configs
), faces as materialized (
    select b.campaign_id, b.cfg_hash, t.key::integer as tier,
           (t.value ->> 'face_fen')::bigint as face_fen
      from bodies b
     cross join lateral jsonb_each(b.body -> 'tiers') t
), dealt as materialized (
    select d.campaign_id, d.cfg_hash, d.day, (t ->> 1)::smallint as lane,
           (t ->> 2)::integer as tier, (t ->> 3)::bigint as units
      from config_days d
      join bodies b
     using (campaign_id, cfg_hash)
     cross join lateral jsonb_array_elements(b.body -> 'days' -> d.day::text -> 'topups') t
     where d.released_at is not null
), planned as (
    select campaign_id, day, lane, sum(units * face_fen) as planned_fen
      from dealt
      join faces
     using (campaign_id, cfg_hash, tier)
     group by campaign_id, day, lane
), released as (
    select campaign_id, lane, ref, amount_fen
      from transfers
     where kind = 'release'
)
select coalesce(p.campaign_id, r.campaign_id) as campaign_id,
       coalesce(p.lane, r.lane) as lane,
       coalesce('release ' || p.day, r.ref) as ref,
       p.planned_fen,
       r.amount_fen as released_fen
  from planned p
  full join released r
    on (r.campaign_id, r.lane) = (p.campaign_id, p.lane)
   and r.ref = 'release ' || p.day
 where p.planned_fen is distinct from r.amount_fen;
