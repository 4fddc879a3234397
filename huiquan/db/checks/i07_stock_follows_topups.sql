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
), stocked as materialized (
    -- What each hour has brought so far, for every hour, so that a round looks up two numbers.
    select d.campaign_id, d.day, d.lane, d.tier, h.slot, sum(d.units) as units
      from dealt d
      join generate_series(0, 23) as h (slot)
        on h.slot >= d.slot
     group by d.campaign_id, d.day, d.lane, d.tier, h.slot
), chained as (
    select campaign_id,
           lane,
           day,
           seq,
           slot,
           left_before,
           lag(slot) over w as slot_before,
           lag(left_after) over w as left_then
      from rounds
    window w as (partition by campaign_id, lane, day order by seq)
), found as (
    select c.campaign_id, c.lane, c.seq, c.day, c.slot, t.tier, t.before,
           coalesce(c.left_then[t.tier], 0)
           + coalesce(n.units, 0) - coalesce(b.units, 0) as due
      from chained c
     cross join lateral unnest(c.left_before) with ordinality as t (before, tier)
      left join stocked n
        on (n.campaign_id, n.day, n.lane, n.tier, n.slot)
           = (c.campaign_id, c.day, c.lane, t.tier, c.slot)
      left join stocked b
        on (b.campaign_id, b.day, b.lane, b.tier, b.slot)
           = (c.campaign_id, c.day, c.lane, t.tier, c.slot_before)
)
select campaign_id, lane, seq, day, slot, tier, before, due
  from found
 where before <> due;
