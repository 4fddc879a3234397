-- I8 当日投放有去向。Of a closed day, what was released was won or went back to the pool.
with released as (
    select t.campaign_id, t.lane, d.day, t.amount_fen as released_fen
      from config_days d
      join transfers t
        on t.campaign_id = d.campaign_id
       and t.kind = 'release'
       and t.ref = 'release ' || d.day
     where d.closed_at is not null
)
select r.campaign_id, r.lane, r.day, r.released_fen, won.won_fen,
       coalesce(c.amount_fen, 0) as recalled_fen
  from released r
 cross join lateral (
       select coalesce(sum(face_fen), 0) as won_fen
         from vouchers
        where campaign_id = r.campaign_id
          and day = r.day
          and lane = r.lane
       ) won
  left join transfers c
    on c.lane = r.lane
   and c.campaign_id = r.campaign_id
   and c.kind = 'recall'
   and c.ref = 'recall ' || r.day
 where r.released_fen <> won.won_fen + coalesce(c.amount_fen, 0);
