-- I7 库存变动有据。A round finds what the round before it left, and the hours' top-ups in between.
-- Every day starts from nothing, and top-ups are those of the config the day is drawn under.
with dealt as materialized (
    select d.campaign_id,
           d.day,
           (t ->> 0)::integer as slot,
           (t ->> 1)::integer as lane,
           (t ->> 2)::integer as tier,
           (t ->> 3)::integer as units
      from config_days d
      join configs c
     using (campaign_id, cfg_hash)
     cross join lateral jsonb_array_elements(
           convert_from(c.body, 'UTF8')::jsonb -> 'days' -> d.day::text -> 'topups') t
     where d.released_at is not null
), chained as (
    select campaign_id,
           lane,
           day,
           seq,
           slot,
           left_before,
           lag(slot, 1, -1::smallint) over w as slot_before,
           lag(left_after) over w as left_then
      from rounds
    window w as (partition by campaign_id, lane, day order by seq)
), expected as (
    select c.campaign_id, c.lane, c.seq, c.day, c.slot, t.tier, t.before,
           coalesce(c.left_then[t.tier], 0) + coalesce((
               select sum(u.units)
                 from dealt u
                where (u.campaign_id, u.lane, u.day, u.tier)
                      = (c.campaign_id, c.lane, c.day, t.tier)
                  and u.slot > c.slot_before
                  and u.slot <= c.slot), 0) as due
      from chained c
     cross join lateral unnest(c.left_before) with ordinality as t (before, tier)
)
select campaign_id, lane, seq, day, slot, tier, before, due
  from expected
 where before <> due;
