-- I8 发放不超投放。No lane gives out more money on a day than was released to it for that day.
with won as (
    select campaign_id, lane, day, sum(face_fen) as won_fen
      from vouchers
     group by campaign_id, lane, day
)
select w.campaign_id, w.lane, w.day, w.won_fen, coalesce(t.amount_fen, 0) as released_fen
  from won w
  left join transfers t
    on t.lane = w.lane
   and t.campaign_id = w.campaign_id
   and t.kind = 'release'
   and t.ref = 'release ' || w.day
 where w.won_fen > coalesce(t.amount_fen, 0);
