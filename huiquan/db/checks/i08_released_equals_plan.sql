-- I8 投放等于计划。A released day has put into each lane what its published config deals to it.
with dealt as materialized (
    select d.campaign_id,
           d.day,
           (t ->> 1)::smallint as lane,
           sum((t ->> 3)::bigint * (c.body -> 'tiers' -> (t ->> 2) ->> 'face_fen')::bigint)
               as planned_fen
      from config_days d
     cross join lateral (
           select convert_from(body, 'UTF8')::jsonb as body
             from configs
            where (campaign_id, cfg_hash) = (d.campaign_id, d.cfg_hash)
           ) c
     cross join lateral jsonb_array_elements(c.body -> 'days' -> d.day::text -> 'topups') t
     where d.released_at is not null
     group by d.campaign_id, d.day, (t ->> 1)::smallint
), released as (
    select campaign_id, lane, ref, amount_fen
      from transfers
     where kind = 'release'
)
select coalesce(d.campaign_id, r.campaign_id) as campaign_id,
       coalesce(d.lane, r.lane) as lane,
       coalesce('release ' || d.day, r.ref) as ref,
       d.planned_fen,
       r.amount_fen as released_fen
  from dealt d
  full join released r
    on (r.campaign_id, r.lane) = (d.campaign_id, d.lane)
   and r.ref = 'release ' || d.day
 where d.planned_fen is distinct from r.amount_fen;
