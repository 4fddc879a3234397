-- I8 当日投放有去向。Of a closed day, what was released was won or went back to the pool.
with closed as materialized (
    select campaign_id, day
      from config_days
     where closed_at is not null
), won as (
    select lane, campaign_id, day, sum(face_fen) as won_fen
      from vouchers
     group by lane, campaign_id, day
)
select t.campaign_id, t.lane, d.day, t.amount_fen as released_fen,
       coalesce(w.won_fen, 0) as won_fen, coalesce(c.amount_fen, 0) as recalled_fen
  from transfers t
  join closed d
    on d.campaign_id = t.campaign_id
   and t.ref = 'release ' || d.day
  left join won w
    on w.lane = t.lane
   and w.campaign_id = t.campaign_id
   and w.day = d.day
  left join transfers c
    on c.lane = t.lane
   and c.campaign_id = t.campaign_id
   and c.kind = 'recall'
   and c.ref = 'recall ' || d.day
 where t.kind = 'release'
   and t.amount_fen <> coalesce(w.won_fen, 0) + coalesce(c.amount_fen, 0);
